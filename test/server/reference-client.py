import requests

API_URL = "https://smallest.zip/api"
API_KEY = "YOUR_API_KEY"


def upload(codec, file_path, **params):
    """Upload a file for compression + cloud storage. Returns uploadId."""
    qs = "&".join(f"{k}={v}" for k, v in params.items())
    url = f"{API_URL}/{codec}/upload"
    if qs:
        url += f"?{qs}"
    with open(file_path, "rb") as f:
        resp = requests.post(
            url,
            headers={"x-api-key": API_KEY},
            files={"file": (file_path, f)},
        )
    resp.raise_for_status()
    result = resp.json()
    print(f"{codec}: {result['originalBytes']:,} bytes "
          f"-> {result['compressedBytes']:,} bytes "
          f"({result['savings']}) in {result['compressionTimeMs']}ms")
    return result["uploadId"]


def download(upload_id, output_path):
    """Download and decompress a stored file."""
    resp = requests.get(
        f"{API_URL}/files/{upload_id}/download",
        headers={"x-api-key": API_KEY},
    )
    resp.raise_for_status()
    with open(output_path, "wb") as f:
        f.write(resp.content)
    print(f"Downloaded {len(resp.content):,} bytes to {output_path}")


def list_files(limit=50):
    """List all stored files."""
    resp = requests.get(
        f"{API_URL}/files",
        headers={"x-api-key": API_KEY},
        params={"limit": limit},
    )
    resp.raise_for_status()
    return resp.json()


def delete_file(upload_id):
    """Delete a stored file."""
    resp = requests.delete(
        f"{API_URL}/files/{upload_id}",
        headers={"x-api-key": API_KEY},
    )
    resp.raise_for_status()
    return resp.json()


# Usage examples
uid = upload("dna", "reads.fastq", format="fastq")
download(uid, "reads_restored.fastq")
upload("dicom", "brain_ct.dcm")
upload("geospatial", "map.geojson", format="geojson")
upload("db-dumps", "backup.sql", format="postgres")
upload("log-files", "app.log", level="max")
upload("fits", "galaxy.fits")
upload("model-weights", "model.safetensors", drop_bits=2)
upload("text-pdf", "paper.pdf")
upload("audio", "recording.wav", quality="medium")
upload("email", "inbox.mbox")

# List and manage files
files = list_files()
for f in files["files"]:
    print(f"{f['uploadId']} - {f['originalFilename']} ({f['savings']})")

import { ByteWriter } from "../graph/bytes";

/** Codec, format and media type as headers begin with them. Never to be changed: headers refer to these bytes. */
const KINDS = [
  ["dicom", "dcm", "application/dicom"],
  ["dna", "fastq", "application/x-fastq"],
  ["dna", "bam", "application/octet-stream"],
  ["dna", "vcf", "application/x-vcf"],
  ["geospatial", "geojson", "application/geo+json"],
  ["geospatial", "geotiff", "image/tiff"],
  ["geospatial", "shapefile", "application/vnd.shp"],
  ["geospatial", "lidar", "application/vnd.las"],
  ["fits", "fits", "application/fits"],
  ["segy", "segy", "application/octet-stream"],
  ["model-weights", "safetensors", "application/octet-stream"],
  ["model-weights", "pt", "application/octet-stream"],
  ["audio", "wav", "audio/wav"],
  ["audio", "flac", "audio/flac"],
  ["audio", "mp3", "audio/mpeg"],
  ["audio", "ogg", "audio/ogg"],
  ["db-dumps", "postgres", "application/sql"],
  ["db-dumps", "mysql", "application/sql"],
  ["db-dumps", "mongodb", "application/bson"],
  ["db-dumps", "oracle", "application/sql"],
  ["db-dumps", "mssql", "application/sql"],
  ["text-pdf", "pdf", "application/pdf"],
  ["log-files", "log", "text/plain"],
  ["email", "mbox", "application/mbox"],
  ["dict-transport", "html", "text/html"],
  ["dict-transport", "css", "text/css"],
  ["dict-transport", "js", "text/javascript"],
  ["general", "binary", "application/octet-stream"],
] as const;

const LEVELS = ["fast", "balanced", "max"] as const;

const MAPS = [
  '{"precision":6,"simplify":0}',
  '{"tile_size":256}',
  '{"quality":"medium"}',
  '{"quality":"archive"}',
  '{"drop_bits":1}',
  '"bytes":"","sha256":"',
  '{"uploadId":"","space":"default"}',
] as const;

/** What mostly follows: lossless and dated, the first version, no parameters, no report, and labels of so many bytes. */
const USUAL = new ByteWriter().byte(3).varint(1).text("").text("").varint(41).raw(ascii('{"uploadId":"')).finish();

/** What headers are deflated against, see `docs/format/archive.md`, "Header". */
export const HEADER_DICTIONARY: Uint8Array = dictionary();

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function dictionary(): Uint8Array {
  const writer = new ByteWriter();
  for (const map of MAPS) writer.text(map);
  for (const level of LEVELS) {
    for (const [codec, format, mediaType] of KINDS) {
      writer.text(codec).text(format).text(mediaType).text(level).raw(USUAL);
    }
  }
  return writer.finish();
}

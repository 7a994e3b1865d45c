import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { Glob } from "bun";
import { TestAppliance } from "../support/appliance";

const CORPUS = process.env.SMALLEST_CORPUS;

/** Codec, query and promise of each folder of a corpus of real files. */
const FOLDERS: Record<string, { codec: string; query?: string; exact: boolean }[]> = {
  "audio-flac": [
    { codec: "audio", exact: false },
    { codec: "audio", query: "quality=lossless", exact: true },
  ],
  "audio-mp3": [
    { codec: "audio", exact: false },
    { codec: "audio", query: "quality=lossless", exact: true },
  ],
  "audio-ogg": [
    { codec: "audio", exact: false },
    { codec: "audio", query: "quality=lossless", exact: true },
  ],
  "audio-wav": [
    { codec: "audio", exact: false },
    { codec: "audio", query: "quality=lossless", exact: true },
  ],
  bam: [{ codec: "dna", query: "format=bam", exact: true }],
  "db-dumps": [{ codec: "db-dumps", exact: true }],
  dicom: [{ codec: "dicom", exact: true }],
  "dict-transport": [{ codec: "dict-transport", exact: true }],
  email: [{ codec: "email", exact: true }],
  fastq: [{ codec: "dna", query: "format=fastq", exact: true }],
  fits: [{ codec: "fits", exact: true }],
  geojson: [
    { codec: "geospatial", exact: false },
    { codec: "geospatial", query: "precision=full", exact: true },
  ],
  geotiff: [{ codec: "geospatial", query: "format=geotiff", exact: true }],
  las: [{ codec: "geospatial", query: "format=lidar", exact: true }],
  "log-files": [{ codec: "log-files", exact: true }],
  segy: [
    { codec: "segy", exact: false },
    { codec: "segy", query: "quality=balanced", exact: false },
    { codec: "segy", query: "quality=streaming", exact: false },
    { codec: "segy", query: "quality=lossless", exact: true },
  ],
  shp: [{ codec: "geospatial", query: "format=shapefile", exact: true }],
  "text-pdf": [{ codec: "text-pdf", exact: true }],
  vcf: [{ codec: "dna", query: "format=vcf", exact: true }],
  weights: [
    { codec: "model-weights", exact: false },
    { codec: "model-weights", query: "drop_bits=4", exact: false },
    { codec: "model-weights", query: "drop_bits=0", exact: true },
  ],
};

/** An asset's type is the caller's to say. */
function queryOf(folder: string, query: string | undefined, path: string): string {
  if (folder === "dict-transport") return `?type=${path.split(".").at(-1)}`;
  return query ? `?${query}` : "";
}

describe.skipIf(!CORPUS)("a corpus of real files, over HTTP", () => {
  let appliance: TestAppliance;
  const rows: string[] = [];

  beforeAll(async () => {
    appliance = await TestAppliance.start({ env: { SMALLEST_RATE_LIMIT: "0", SMALLEST_ACCESS_LOG: "false" } });
  });
  afterAll(async () => {
    await appliance.stop();
    console.log(["folder and query: files, bytes in, bytes stored, lossless", ...rows].join("\n"));
  });

  for (const [folder, promises] of Object.entries(FOLDERS)) {
    for (const { codec, query, exact } of promises) {
      test(`${folder} ${query ?? ""}`, async () => {
        const total = { files: 0, original: 0, compressed: 0, lossless: 0 };
        for (const path of filesOf(folder)) {
          const bytes = await Bun.file(path).bytes();
          const { status, body: stored } = await appliance.upload(
            `/api/${codec}/upload${queryOf(folder, query, path)}`,
            bytes,
            basename(path),
          );
          expect({ path, status, ...stored }).toMatchObject({ path, status: 201, verified: true });
          if (exact) expect({ path, lossless: stored.lossless }).toEqual({ path, lossless: true });
          const back = await appliance.download(stored.uploadId);
          const same = Buffer.compare(back, bytes) === 0;
          expect({ path, same }).toEqual({ path, same: stored.lossless });
          total.files++;
          total.original += stored.originalBytes;
          total.compressed += stored.compressedBytes;
          total.lossless += same ? 1 : 0;
        }
        const { files, original, compressed, lossless } = total;
        rows.push(`${`${folder} ${query ?? ""}`.padEnd(32)} ${files} ${original} ${compressed} ${lossless}`);
      }, 600_000);
    }
  }
});

function filesOf(folder: string): string[] {
  const directory = join(CORPUS!, folder);
  return [...new Glob("*").scanSync(directory)]
    .filter((name) => name !== "SOURCES.tsv")
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).size > 0)
    .sort();
}

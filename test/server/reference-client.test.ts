import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { samples } from "../../src/codecs/samples";
import { Appliance } from "../support/in-process";

/** The calls of the published client, in its order. */
const UPLOADS: readonly [codec: string, name: string, params: Record<string, string | number>][] = [
  ["dna", "reads.fastq", { format: "fastq" }],
  ["dicom", "brain_ct.dcm", {}],
  ["geospatial", "map.geojson", { format: "geojson" }],
  ["db-dumps", "backup.sql", { format: "postgres" }],
  ["log-files", "app.log", { level: "max" }],
  ["fits", "galaxy.fits", {}],
  ["model-weights", "model.safetensors", { drop_bits: 2 }],
  ["text-pdf", "paper.pdf", {}],
  ["audio", "recording.wav", { quality: "medium" }],
  ["email", "inbox.mbox", {}],
];

const python = Bun.spawnSync(["python3", "-c", "import requests"], { stderr: "ignore" }).exitCode === 0;
if (!python) console.warn("skipped: the published client needs python3 with requests");

let appliance: Appliance;
let directory: string;

beforeAll(async () => {
  appliance = await Appliance.start();
  directory = mkdtempSync(join(tmpdir(), "smallest-client-"));
  for (const [codec, name] of UPLOADS) await Bun.write(join(directory, name), contentOf(codec, name));
});
afterAll(async () => {
  await appliance.close();
  rmSync(directory, { recursive: true });
});

describe("the published client", () => {
  test.skipIf(!python)(
    "runs unchanged but for host and key",
    async () => {
      const source = await Bun.file(join(import.meta.dir, "reference-client.py")).text();
      const script = source
        .replace("https://smallest.zip/api", `${appliance.url}/api`)
        .replace("YOUR_API_KEY", appliance.key);
      const client = Bun.spawn(["python3", "-c", script], { cwd: directory, stdout: "pipe", stderr: "pipe" });
      const [out, err] = await Promise.all([
        new Response(client.stdout).text(),
        new Response(client.stderr).text(),
      ]);
      expect([await client.exited, err]).toEqual([0, ""]);
      for (const [codec] of UPLOADS) {
        expect(out).toMatch(
          new RegExp(`^${codec}: [\\d,]+ bytes -> [\\d,]+ bytes \\(-?[\\d.]+%\\) in \\d+ms$`, "m"),
        );
      }
      for (const [, name] of UPLOADS)
        expect(out).toMatch(new RegExp(`^[0-9a-f]{8,} - ${name} \\(-?[\\d.]+%\\)$`, "m"));
      const restored = await Bun.file(join(directory, "reads_restored.fastq")).bytes();
      expect(Buffer.compare(restored, contentOf("dna", "reads.fastq"))).toBe(0);
      for (const { uploadId } of (await appliance.json("/api/files")).body.files) {
        await appliance.fetch(`/api/files/${uploadId}`, { method: "DELETE" });
      }
    },
    60_000,
  );

  test("has an equal here", async () => {
    const ids: string[] = [];
    for (const [codec, name, params] of UPLOADS) {
      const query = new URLSearchParams(Object.entries(params).map(([key, value]) => [key, String(value)]));
      const content = await Bun.file(join(directory, name)).bytes();
      const { status, body } = await appliance.upload(`/api/${codec}/upload?${query}`, content, name);
      expect([status, body.codec, body.originalFilename, body.originalBytes]).toEqual([
        201,
        codec,
        name,
        content.length,
      ]);
      ids.push(body.uploadId);
    }
    const { body } = await appliance.json("/api/files?limit=50");
    expect(body.files.map(({ uploadId }: { uploadId: string }) => uploadId)).toEqual(ids.reverse());
    for (const { uploadId, lossless, originalFilename, codec } of body.files) {
      const bytes = await (await appliance.fetch(`/api/files/${uploadId}/download`)).bytes();
      if (lossless) expect(Buffer.compare(bytes, contentOf(codec, originalFilename))).toBe(0);
      expect((await appliance.json(`/api/files/${uploadId}`, { method: "DELETE" })).body.deleted).toBe(true);
    }
  }, 60_000);
});

/** A small valid file of the kind that the name shows. */
function contentOf(codec: string, name: string): Uint8Array {
  const extension = name.slice(name.lastIndexOf("."));
  const fitting = samples.filter((sample) => sample.codec === codec);
  const found = fitting.find((sample) => sample.name.endsWith(extension)) ?? fitting[0];
  if (!found) throw new Error(`there is no sample for ${codec}`);
  return found.bytes;
}

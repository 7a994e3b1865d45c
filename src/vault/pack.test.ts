import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import { general } from "../codecs/general";
import { Engine } from "../graph/engine";
import { BLOCK_BYTES, type Level } from "../graph/plan";
import { FileSource } from "../graph/source";
import { pack } from "./pack";
import { unpack } from "./unpack";

let directory: string;
let engine: Engine;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "pack-"));
  engine = new Engine();
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});

function sample(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * i) >>> 9;
  return bytes;
}

async function packed(content: Uint8Array, level: Level = "fast") {
  const path = join(directory, crypto.randomUUID());
  writeFileSync(path, content);
  const out = `${path}.smz`;
  const result = await pack(engine, {
    path,
    size: content.length,
    sha256: new Bun.CryptoHasher("sha256").update(content).digest("hex"),
    name: "sample.bin",
    codec: general,
    request: { format: "binary", params: {}, level, name: "sample.bin" },
    scratch: join(directory, "scratch"),
    out,
  });
  return { ...result, out };
}

async function content(out: string, range: { start?: number; end?: number } = {}): Promise<Uint8Array> {
  const archive = await ArchiveReader.open(new FileSource(out));
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpack(engine, archive, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const length of [0, 1, 1000, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 5]) {
  test(`${length} bytes come back`, async () => {
    const original = sample(length);
    const { out, archiveBytes, contentBytes, fallbacks } = await packed(original);
    expect(archiveBytes).toBe(readFileSync(out).length);
    expect(contentBytes).toBe(length);
    expect(fallbacks).toBe(0);
    expect(Buffer.compare(await content(out), original)).toBe(0);
  });
}

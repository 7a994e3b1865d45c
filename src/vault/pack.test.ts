import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import { general } from "../codecs/general";
import type { Refusal } from "../errors";
import { Engine } from "../graph/engine";
import { BLOCK_BYTES } from "../graph/plan";
import { FileSource, MemorySource } from "../graph/source";
import { type PackRequest, pack } from "./pack";
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

async function packed(content: Uint8Array, options: Partial<PackRequest> = {}) {
  const path = join(directory, crypto.randomUUID());
  writeFileSync(path, content);
  const out = `${path}.smz`;
  const result = await pack(engine, {
    path,
    size: content.length,
    sha256: new Bun.CryptoHasher("sha256").update(content).digest("hex"),
    name: "sample.bin",
    codec: general,
    request: { format: "binary", params: {}, level: "fast", name: "sample.bin" },
    scratch: join(directory, "scratch"),
    out,
    ...options,
  });
  return { ...result, out: options.out ?? out };
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function content(out: string, range: { start?: number; end?: number } = {}): Promise<Uint8Array> {
  return drain(unpack(engine, await ArchiveReader.open(new FileSource(out)), range));
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

test("equal input gives equal archives", async () => {
  const [first, second] = [await packed(sample(50_000)), await packed(sample(50_000))];
  expect(Buffer.compare(readFileSync(first.out), readFileSync(second.out))).toBe(0);
});

test("progress ends at the whole", async () => {
  const seen: number[] = [];
  await packed(sample(2 * BLOCK_BYTES), { onProgress: (fraction) => seen.push(fraction) });
  expect(seen).toEqual([0.5, 1]);
});

test("a range decodes only the blocks that it touches", async () => {
  const original = sample(3 * BLOCK_BYTES);
  const { out } = await packed(original);
  const file = new FileSource(out);
  const reads: number[] = [];
  const archive = await ArchiveReader.open({
    size: file.size,
    read(offset, length) {
      reads.push(offset);
      return file.read(offset, length);
    },
  });
  reads.length = 0;
  const [start, end] = [BLOCK_BYTES + 10, BLOCK_BYTES + 20];
  expect([...(await drain(unpack(engine, archive, { start, end })))]).toEqual([...original.subarray(start, end)]);
  expect(reads).toEqual([archive.segments[1]!.offset]);
});

test("any range comes back", async () => {
  const original = sample(BLOCK_BYTES + 1000);
  const { out } = await packed(original);
  for (const [start, end] of [
    [0, 0],
    [0, 1],
    [5, 5],
    [BLOCK_BYTES - 1, BLOCK_BYTES + 1],
    [original.length - 1, original.length],
  ] as const) {
    expect([...(await content(out, { start, end }))]).toEqual([...original.subarray(start, end)]);
  }
});

test("a reader that stops early stops the decoding", async () => {
  const { out } = await packed(sample(6 * BLOCK_BYTES));
  const before = engine.stats().jobs;
  for await (const _ of unpack(engine, await ArchiveReader.open(new FileSource(out)))) break;
  expect(engine.stats().jobs - before).toBeLessThan(6);
});

test("an abort leaves no archive", async () => {
  const stop = new AbortController();
  const out = join(directory, "aborted.smz");
  const packing = packed(sample(4 * BLOCK_BYTES), { out, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(packing).rejects.toMatchObject({ kind: "aborted" });
  expect(existsSync(out)).toBe(false);
});

test("an abort ends unpacking", async () => {
  const { out } = await packed(sample(4 * BLOCK_BYTES));
  const archive = await ArchiveReader.open(new FileSource(out));
  const stop = new AbortController();
  const reading = async () => {
    for await (const _ of unpack(engine, archive, { signal: stop.signal })) stop.abort();
  };
  await expect(reading()).rejects.toMatchObject({ kind: "aborted" });
});

describe("a damaged archive never gives a wrong byte", () => {
  const original = sample(3000);
  let whole: Uint8Array;
  beforeAll(async () => {
    whole = readFileSync((await packed(original)).out);
  });

  /** The content, or the refusal that took its place. */
  async function outcome(bytes: Uint8Array): Promise<Uint8Array | Refusal> {
    try {
      return await drain(unpack(engine, await ArchiveReader.open(new MemorySource(bytes))));
    } catch (error) {
      return error as Refusal;
    }
  }

  test("with any byte changed", async () => {
    for (let at = 0; at < whole.length; at++) {
      const broken = new Uint8Array(whole);
      broken[at]! ^= 1 << (at % 8);
      expect(await outcome(broken)).toMatchObject({ kind: "damaged" });
    }
  });

  test("cut off anywhere, or with something behind its end", async () => {
    for (let length = 0; length < whole.length; length++) {
      expect(await outcome(whole.subarray(0, length))).toMatchObject({ kind: "damaged" });
    }
    expect(await outcome(Buffer.concat([whole, Uint8Array.of(0)]))).toMatchObject({ kind: "damaged" });
  });
});

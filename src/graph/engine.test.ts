import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksum } from "../kernels/checksum";
import type { CodingNode } from "./encode";
import { Engine, type SegmentToEncode } from "./engine";
import { general } from "./plan";

const CONTENT = Buffer.from("a line of text that repeats itself\n".repeat(40));

let directory: string;
let path: string;
let engine: Engine;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-"));
  path = join(directory, "source");
  writeFileSync(path, CONTENT);
});
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  engine = new Engine({
    workers: 2,
    jobLimitMs: 1000,
    spawnCoder: () => new Worker(new URL("./coder.fixture.ts", import.meta.url)),
  });
});
afterEach(() => engine.close());

function whole(root: CodingNode, parts: SegmentToEncode["parts"] = new Map()): SegmentToEncode {
  return { source: { path, offset: 0, length: CONTENT.length }, root, level: "fast", parts };
}

async function roundTrip(segment: SegmentToEncode, parts = new Map<number, Uint8Array>()) {
  const encoded = await engine.encode(segment);
  const { stored } = encoded;
  const content = await engine.decode({ stored, length: segment.source.length, check: encoded, parts });
  return { ...encoded, content };
}

test("a planned segment comes back", async () => {
  const {
    content,
    fellBack,
    stored,
    checksum: sum,
  } = await roundTrip(whole(general({ offset: 0, length: CONTENT.length })));
  expect(Buffer.compare(content, CONTENT)).toBe(0);
  expect(sum).toBe(checksum(CONTENT));
  expect(fellBack).toBe(false);
  expect(stored.length).toBeLessThan(200);
});

test("derived streams, ranges and parts make up a segment", async () => {
  const half = CONTENT.length / 2;
  const root: CodingNode = {
    kind: "transform",
    transform: "concat",
    inputs: [
      general(new Uint8Array(CONTENT.subarray(0, 10))),
      general({ offset: 10, length: half - 10 }),
      { kind: "part", index: 3 },
    ],
  };
  const part = new Uint8Array(CONTENT.subarray(half));
  const { content, fellBack } = await roundTrip(
    whole(root, new Map([[3, { offset: half, length: half }]])),
    new Map([[3, part]]),
  );
  expect(Buffer.compare(content, CONTENT)).toBe(0);
  expect(fellBack).toBe(false);
});

describe("the general model steps in when a planned segment", () => {
  const leaf = (model: string): CodingNode => ({
    kind: "model",
    model,
    data: { offset: 0, length: CONTENT.length },
  });

  test.each([
    ["names no known model", leaf("no-such-model")],
    ["names no known transform", { kind: "transform", transform: "no-such", inputs: [] }],
    ["covers less than its length", general({ offset: 0, length: 5 })],
    ["covers other bytes", general({ offset: 1, length: CONTENT.length })],
    ["refers to a part that is not there", { kind: "part", index: 0 }],
    ["throws", leaf("test-throw")],
    ["ends its worker", leaf("test-exit")],
    ["traps", leaf("test-trap")],
    ["never ends", leaf("test-hang")],
    ["gives other bytes", leaf("test-lie")],
    ["is stored as garbage", leaf("test-garbage")],
  ] as [string, CodingNode][])("%s", async (_, root) => {
    const { content, fellBack } = await roundTrip(whole(root));
    expect(fellBack).toBe(true);
    expect(Buffer.compare(content, CONTENT)).toBe(0);
    expect(engine.stats().fallbacks).toBe(1);
  });
});

test("a plan that makes the segment larger is not kept, and is no failure", async () => {
  const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 2654435761) >>> 13);
  const source = { path: `${path}.noise`, offset: 0, length: noise.length };
  writeFileSync(source.path, noise);
  const inputs = Array.from(noise, (_, offset) => general({ offset, length: 1 }));
  const { stored, fellBack } = await engine.encode({
    ...whole({ kind: "transform", transform: "concat", inputs }),
    source,
  });
  expect(stored.length).toBeLessThan(532);
  expect(fellBack).toBe(false);
});

test("what cannot be read cannot be stored", async () => {
  const missing = { path: join(directory, "missing"), offset: 0, length: 10 };
  const segment = { ...whole(general({ offset: 0, length: 10 })), source: missing };
  await expect(engine.encode(segment)).rejects.toMatchObject({ kind: "compression_failed" });
});

describe("decoding refuses", () => {
  test("content that does not match its checksum", async () => {
    const { stored, checksum: sum } = await engine.encode(whole(general({ offset: 0, length: CONTENT.length })));
    const block = { stored, length: CONTENT.length, check: { checksum: (sum + 1) % 2 ** 32 }, parts: new Map() };
    await expect(engine.decode(block)).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining("checksum"),
    });
  });

  test("content that does not match its SHA-256", async () => {
    const { stored } = await engine.encode(whole(general({ offset: 0, length: CONTENT.length })));
    const block = { stored, length: CONTENT.length, parts: new Map() };
    const sha256 = new Bun.CryptoHasher("sha256").update(CONTENT).digest("hex");
    expect((await engine.decode({ ...block, check: { sha256 } })).length).toBe(CONTENT.length);
    await expect(engine.decode({ ...block, check: { sha256: "00".repeat(32) } })).rejects.toMatchObject({
      kind: "damaged",
      message: expect.stringContaining("SHA-256"),
    });
  });

  test("garbage", async () => {
    const block = { stored: Uint8Array.of(9, 9, 9), length: 3, check: { checksum: 0 }, parts: new Map() };
    await expect(engine.decode(block)).rejects.toMatchObject({ kind: "damaged" });
  });
});

test("an abort ends encoding without a fallback", async () => {
  const stop = new AbortController();
  const encoding = engine.encode(
    whole({ kind: "model", model: "test-hang", data: { offset: 0, length: 1 } }),
    stop.signal,
  );
  setTimeout(() => stop.abort(), 50);
  await expect(encoding).rejects.toMatchObject({ kind: "aborted" });
  expect(engine.stats().fallbacks).toBe(0);
});

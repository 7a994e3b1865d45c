import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import type { Codec } from "../codecs/codec";
import { general } from "../codecs/general";
import { Engine } from "../graph/engine";
import { FileSource } from "../graph/source";
import { pack } from "./pack";
import { unpack } from "./unpack";

/** As long as no misbehaving codec plans right. */
const CONTENT = Buffer.from("x".repeat(300));

let directory: string;
let engine: Engine;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "planning-"));
  writeFileSync(join(directory, "source"), CONTENT);
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  rmSync(out(), { force: true });
  engine = new Engine({
    stallLimitMs: 2000,
    spawnPlanner: () => new Worker(new URL("../codecs/planner.fixture.ts", import.meta.url)),
  });
});
afterEach(() => engine.close());

const scratch = () => join(directory, "scratch");
const out = () => join(directory, "out.smz");

function packBy(codec: string, signal?: AbortSignal, to = out()) {
  return pack(engine, {
    path: join(directory, "source"),
    size: CONTENT.length,
    sha256: new Bun.CryptoHasher("sha256").update(CONTENT).digest("hex"),
    name: "",
    codec: { ...general, name: codec } as unknown as Codec,
    request: { format: "any", params: {}, level: "fast", name: "" },
    scratch: scratch(),
    out: to,
    signal,
  });
}

async function stored(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of unpack(engine, await ArchiveReader.open(new FileSource(out())))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("a well-behaved codec needs no fallback", async () => {
  expect(await packBy("behaves")).toMatchObject({ fallbacks: 0, lossless: true });
  expect(await stored()).toBe(CONTENT.toString());
});

test("streams cut from one buffer all arrive", async () => {
  expect(await packBy("shares one buffer")).toMatchObject({ fallbacks: 0 });
  expect(await stored()).toBe(CONTENT.toString());
});

describe("the file is stored exactly although the codec", () => {
  test.each([
    "throws",
    "exits",
    "hangs",
    "stalls",
    "stops early",
    "goes too far",
    "plans nothing",
    "plans too much at once",
    "plans halves of bytes",
    "plans what cannot be sent",
    "prepare throws",
    "prepare exits",
  ])("%s", async (codec) => {
    expect(await packBy(codec)).toMatchObject({ fallbacks: 1, lossless: true });
    expect(await stored()).toBe(CONTENT.toString());
    expect(engine.stats().fallbacks).toBe(1);
    // Its worker is not trusted with another file.
    expect(await packBy("behaves")).toMatchObject({ fallbacks: 0 });
  });
});

test.each(["refuses", "prepare refuses"])("a codec that %s is heard", async (codec) => {
  await expect(packBy(codec)).rejects.toMatchObject({ kind: "wrong_type", message: "This is no such file." });
  expect(existsSync(out())).toBe(false);
});

test("what a lossy step made is what comes back, and nothing of it is left over", async () => {
  const packed = await packBy("prepare shortens");
  expect(packed).toMatchObject({ lossless: false, contentBytes: 7, report: { removed: 293 } });
  expect(packed.contentSha256).toBe(new Bun.CryptoHasher("sha256").update("shorter").digest("hex"));
  expect(await stored()).toBe("shorter");
  expect(readdirSync(scratch())).toEqual([]);
});

test("an abort stops a stalled plan at once and leaves nothing", async () => {
  const stop = new AbortController();
  const packing = packBy("stalls", stop.signal);
  setTimeout(() => stop.abort(), 100);
  await expect(packing).rejects.toMatchObject({ kind: "aborted" });
  expect(existsSync(out())).toBe(false);
});

test("closing the engine fails what runs", async () => {
  const packing = packBy("stalls");
  setTimeout(() => engine.close(), 100);
  await expect(packing).rejects.toMatchObject({ kind: "shutting_down" });
});

test("more files than places wait for each other", async () => {
  const packed = await Promise.all(
    Array.from({ length: 8 }, (_, i) => packBy("behaves", undefined, `${out()}.${i}`)),
  );
  expect(packed.every(({ fallbacks }) => fallbacks === 0)).toBe(true);
});

import { expect, test } from "bun:test";
import fc from "fast-check";
import { MemorySource } from "../../graph/source";
import { chunk, formatBody, PCM16, riff, sound, waveFile } from "./fixtures";
import { isWave, readWave } from "./riff";

const read = (bytes: Uint8Array) => readWave(new MemorySource(bytes));
const fmt = chunk("fmt ", formatBody(PCM16, 44100));

function extensible(valid: number, tail: string): Buffer {
  const body = Buffer.concat([
    formatBody({ channels: 2, bytes: 3, bits: 24, float: false }, 48000, 0xfffe),
    Buffer.alloc(24),
  ]);
  body.writeUInt16LE(22, 16);
  body.writeUInt16LE(valid, 18);
  body.writeUInt16LE(1, 24);
  body.set(Buffer.from(tail, "hex"), 26);
  return body;
}

test("the samples are found behind other chunks", async () => {
  const file = waveFile(sound(0.1, 44100, 2), PCM16, 44100);
  expect(isWave(file)).toBe(true);
  expect(await read(file)).toEqual({ format: PCM16, rate: 44100, offset: 58, frames: 4410, flaw: undefined });
});

test("every sample size is understood", async () => {
  for (const [bytes, bits, float] of [
    [1, 8, false],
    [2, 12, false],
    [3, 24, false],
    [4, 32, false],
    [4, 32, true],
    [8, 64, true],
  ] as const) {
    const format = { channels: 3, bytes, bits, float };
    const file = riff(chunk("fmt ", formatBody(format, 96000)), chunk("data", new Uint8Array(30 * bytes)));
    expect(await read(file)).toMatchObject({ format, rate: 96000, frames: 10 });
  }
});

test("an extensible format says how many bits count", async () => {
  const data = chunk("data", new Uint8Array(12));
  const plain = await read(riff(chunk("fmt ", extensible(20, "000000001000800000aa00389b71")), data));
  expect(plain).toMatchObject({ format: { bytes: 3, bits: 20, float: false }, flaw: undefined });
  const ambisonic = await read(riff(chunk("fmt ", extensible(24, "00002107d3118644c8c1ca000000")), data));
  expect(ambisonic).toMatchObject({ format: { bytes: 3, bits: 24 }, flaw: expect.stringContaining("sound field") });
});

test("a stream of unknown length goes to the end of the file", async () => {
  for (const [riffLength, dataLength] of [
    [0xffffffff, 0xffffffff],
    [0, 0],
    [0xffffffff, 0],
  ] as const) {
    const file = riff(fmt, chunk("data", new Uint8Array(400), dataLength));
    file.writeUInt32LE(riffLength, 4);
    expect(await read(file)).toMatchObject({ frames: 100, flaw: undefined });
  }
});

test("RF64 keeps its length in ds64", async () => {
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(400n, 8);
  const file = riff(
    chunk("ds64", ds64),
    fmt,
    chunk("data", new Uint8Array(400), 0xffffffff),
    chunk("LIST", new Uint8Array(4)),
  );
  file.write("RF64", 0, "latin1");
  expect(isWave(file)).toBe(true);
  expect(await read(file)).toMatchObject({ frames: 100, flaw: undefined });
});

test("a truncated or odd end is a flaw, and the whole samples are still found", async () => {
  expect(await read(riff(fmt, chunk("data", new Uint8Array(401))))).toMatchObject({
    frames: 100,
    flaw: expect.stringContaining("incomplete"),
  });
  expect(await read(riff(fmt, chunk("data", new Uint8Array(400), 4000)))).toMatchObject({
    frames: 100,
    flaw: expect.stringContaining("ends before"),
  });
});

test("what is not PCM is named", async () => {
  const data = chunk("data", new Uint8Array(400));
  expect(await read(riff(chunk("fmt ", formatBody(PCM16, 8000, 7)), data))).toContain("WAVE format 7");
  expect(await read(riff(chunk("fmt ", formatBody({ ...PCM16, channels: 9 }, 8000)), data))).toContain(
    "9 channels",
  );
  expect(await read(riff(chunk("fmt ", formatBody({ ...PCM16, channels: 0 }, 8000)), data))).toContain(
    "0 channels",
  );
  expect(await read(riff(chunk("fmt ", formatBody({ ...PCM16, bits: 24 }, 8000)), data))).toContain("contradicts");
  expect(await read(riff(data))).toContain("no format chunk");
  expect(await read(riff(fmt))).toContain("no data chunk");
  expect(await read(Buffer.from("RIFF\0\0\0\0WAVE"))).toContain("no data chunk");
});

test("no header makes the reader fail or leave the file", async () => {
  const file = waveFile(sound(0.01, 44100, 2), PCM16, 44100);
  const place = fc.integer({ min: 12, max: 65 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
      async (changes) => {
        const damaged = Buffer.from(file);
        for (const [at, value] of changes) damaged[at] = value;
        const layout = await read(damaged);
        if (typeof layout === "string") return;
        const { format, offset, frames } = layout;
        expect(offset + frames * format.channels * format.bytes).toBeLessThanOrEqual(file.length);
      },
    ),
    { numRuns: 500 },
  );
});

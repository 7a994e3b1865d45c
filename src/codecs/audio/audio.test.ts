import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type CodingNode, encode } from "../../graph/encode";
import type { Level } from "../../graph/plan";
import { replay } from "../../graph/replay";
import { FileSource, MemorySource } from "../../graph/source";
import { writeStored } from "../../graph/stored";
import { type PcmFormat, toUnit } from "../../graph/transforms/audio/pcm";
import type { Prepared } from "../codec";
import { audio } from ".";
import { chunk, flacFile, formatBody, PCM16, riff, sound, waveFile } from "./fixtures";
import { openFlac } from "./flac-stream";
import type { Quality } from "./qualities";
import { readWave } from "./riff";

const directory = mkdtempSync(join(tmpdir(), "audio-"));
afterAll(() => rmSync(directory, { recursive: true }));
const scratch = { path: () => join(directory, crypto.randomUUID()) };

interface Stored {
  prepared: Prepared;
  /** What a download gives: checked to be what the stored form replays to. */
  content: Buffer;
  storedBytes: number;
}

/** Does what packing does, without workers. */
async function store(file: Uint8Array, format: string, quality: Quality, level: Level = "fast"): Promise<Stored> {
  const path = scratch.path();
  writeFileSync(path, file);
  const request = { format, params: { quality }, level, name: `x.${format}` };
  const upload = new FileSource(path);
  const prepared = await audio.prepare!(upload, request, scratch);
  upload.close();
  const content = readFileSync(prepared.path ?? path);
  const source = new FileSource(prepared.path ?? path);
  const pieces: Uint8Array[] = [];
  let storedBytes = 0;
  for await (const segment of audio.plan(source, request, structuredClone(prepared.carry))) {
    const stored = encode(segment.root as CodingNode, source, level);
    storedBytes += writeStored(stored).length;
    pieces.push(replay(stored, segment.length, new Map()).slice());
  }
  source.close();
  expect(Buffer.concat(pieces).equals(content)).toBe(true);
  return { prepared, content, storedBytes };
}

async function samplesOf(file: Uint8Array, format: string): Promise<Float32Array[]> {
  const source = new MemorySource(file);
  const layout = format === "flac" ? await openFlac(source) : await readWave(source);
  if (typeof layout === "string") throw new Error(layout);
  const bytes =
    "open" in layout
      ? await layout.open().read(layout.frames)
      : file.subarray(layout.offset, layout.offset + layout.frames * layout.format.channels * layout.format.bytes);
  return toUnit(bytes, layout.format);
}

function correlation(a: Float32Array, b: Float32Array, lag: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 100; i < a.length - 100; i++) {
    ab += a[i]! * b[i + lag]!;
    aa += a[i]! ** 2;
    bb += b[i + lag]! ** 2;
  }
  return ab / Math.sqrt(aa * bb || 1);
}

/** The shift at which two recordings agree best. */
function bestLag(a: Float32Array, b: Float32Array): number {
  let best = 0;
  for (let lag = -60; lag <= 60; lag++) if (correlation(a, b, lag) > correlation(a, b, best)) best = lag;
  return best;
}

const formats: { format: PcmFormat; rate: number; container: "wav" | "flac" }[] = [
  { format: PCM16, rate: 48000, container: "wav" },
  { format: PCM16, rate: 44100, container: "wav" },
  { format: PCM16, rate: 44100, container: "flac" },
  { format: { channels: 1, bytes: 2, bits: 16, float: false }, rate: 8000, container: "wav" },
  { format: { channels: 1, bytes: 3, bits: 20, float: false }, rate: 16000, container: "flac" },
  { format: { channels: 1, bytes: 1, bits: 8, float: false }, rate: 22050, container: "wav" },
  { format: { channels: 2, bytes: 3, bits: 24, float: false }, rate: 96000, container: "flac" },
  { format: { channels: 6, bytes: 3, bits: 24, float: false }, rate: 48000, container: "wav" },
];

for (const { format, rate, container } of formats) {
  test(`${container} of ${format.channels} x ${format.bits} bits at ${rate} Hz comes back as its own kind`, async () => {
    const planes = sound(1.3, rate, format.channels);
    const make = container === "wav" ? waveFile : flacFile;
    const file = make(planes, format, rate);
    const exact = await store(file, container, "lossless");
    expect(exact.content.equals(file)).toBe(true);
    const original = await samplesOf(file, container);
    let previous = Infinity;
    for (const quality of ["high", "medium", "low"] as const) {
      const { prepared, content, storedBytes } = await store(file, container, quality);
      expect(prepared).toMatchObject({ lossless: false, report: { reason: expect.stringContaining("Opus") } });
      expect(storedBytes).toBeLessThan(Math.min(previous, exact.storedBytes));
      previous = storedBytes;
      const samples = await samplesOf(content, container);
      expect(samples.map((plane) => plane.length)).toEqual(original.map((plane) => plane.length));
      if (quality === "low") continue;
      for (const [channel, plane] of original.entries()) {
        expect(bestLag(plane, samples[channel]!)).toBe(0);
        expect(correlation(plane, samples[channel]!, 0)).toBeGreaterThan(0.95);
      }
      expect(prepared.report!.snr_db).toBeGreaterThan(8);
    }
  });
}

test("everything around the samples stays", async () => {
  const wave = waveFile(sound(1, 44100, 2), PCM16, 44100);
  const { content } = await store(wave, "wav", "medium");
  expect(content.length).toBe(wave.length);
  expect(content.subarray(0, 58).equals(wave.subarray(0, 58))).toBe(true);
  expect(content.subarray(-14).equals(wave.subarray(-14))).toBe(true);

  const flac = flacFile(sound(1, 44100, 2), PCM16, 44100);
  const download = (await store(flac, "flac", "medium")).content;
  expect(download.subarray(0, 8).equals(flac.subarray(0, 8))).toBe(true);
  expect(download.indexOf("tags")).toBe(flac.indexOf("tags"));
  expect(download.toString("latin1").endsWith("TAG behind")).toBe(true);
});

test("a long recording is cut into segments without a seam", async () => {
  const rate = 11025;
  const format = { channels: 1, bytes: 2, bits: 16, float: false };
  const planes = sound(45, rate, 1);
  const { content, prepared } = await store(waveFile(planes, format, rate), "wav", "high");
  expect((prepared.carry as { pieces: unknown[] }).pieces.length).toBe(3);
  const [rendered] = await samplesOf(content, "wav");
  const error = (from: number, to: number) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += (planes[0]![i]! - rendered![i]!) ** 2;
    return sum / (to - from);
  };
  const seam = Math.floor((20 * rate) / 4096) * 4096;
  expect(error(seam - 300, seam + 300)).toBeLessThan(4 * error(seam - 20000, seam + 20000));
});

test("equal channels are stored once", async () => {
  const [left, right] = sound(2, 48000, 2) as [Float32Array, Float32Array];
  const twice = await store(waveFile([left, left], PCM16, 48000), "wav", "medium");
  const both = await store(waveFile([left, right], PCM16, 48000), "wav", "medium");
  expect(twice.storedBytes).toBeLessThan(0.7 * both.storedBytes);
  const [a, b] = await samplesOf(twice.content, "wav");
  expect(a).toEqual(b!);
});

async function expectExact(file: Uint8Array, format: string, quality: Quality, why: string): Promise<void> {
  const { prepared, content } = await store(file, format, quality);
  expect(content.equals(file)).toBe(true);
  expect(prepared).toMatchObject({ lossless: true, report: { reason: expect.stringContaining(why) } });
}

test("what Opus does not suit stays exact, and the report says why", async () => {
  const at = (rate: number, format: PcmFormat = PCM16) => waveFile(sound(1, rate, format.channels), format, rate);
  await expectExact(at(6000), "wav", "low", "below Opus's lowest");
  await expectExact(at(44101), "wav", "low", "unusual");
  await expectExact(at(48000, { channels: 2, bytes: 4, bits: 32, float: true }), "wav", "low", "measurement");
  await expectExact(waveFile([new Float32Array(0)], { ...PCM16, channels: 1 }, 48000), "wav", "low", "no samples");
  const silence = waveFile(
    sound(1, 48000, 2).map((plane) => plane.fill(0)),
    PCM16,
    48000,
  );
  await expectExact(silence, "wav", "medium", "lossless compression makes it smaller");
  await expectExact(
    riff(chunk("fmt ", formatBody(PCM16, 8000, 7)), chunk("data", new Uint8Array(99))),
    "wav",
    "low",
    "7",
  );
});

test("floating-point samples are stored as Opus unless they are no sound", async () => {
  const format = { channels: 1, bytes: 4, bits: 32, float: true };
  const [plane] = sound(11, 16000, 1) as [Float32Array];
  const fine = await store(waveFile([plane], format, 16000), "wav", "medium");
  expect(fine.prepared.lossless).toBe(false);
  expect(bestLag(plane, (await samplesOf(fine.content, "wav"))[0]!)).toBe(0);
  const odd = plane.slice();
  odd[5000] = Number.NaN;
  await expectExact(waveFile([odd], format, 16000), "wav", "medium", "far beyond full scale");
});

test("a FLAC file that is damaged anywhere stays exact", async () => {
  const file = flacFile(sound(0.5, 16000, 2), PCM16, 16000);
  await expectExact(file.subarray(0, file.length / 2), "flac", "low", "end");
  const wrongDigest = Buffer.from(file);
  wrongDigest[30]! ^= 1;
  await expectExact(wrongDigest, "flac", "low", "MD5");
  await expectExact(file.subarray(98), "flac", "low", "without a header");
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: file.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, change) => {
        const damaged = Buffer.from(file);
        damaged[at]! ^= change;
        const { prepared, content } = await store(damaged, "flac", "low");
        expect(prepared.lossless).toBe(prepared.path === undefined);
        if (prepared.lossless) expect(content.equals(damaged)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("a WAVE file with any header comes back, or something of its length does", async () => {
  const file = waveFile(sound(0.3, 16000, 2), PCM16, 16000);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 66 }), fc.integer({ min: 0, max: 255 }), async (at, value) => {
      const damaged = Buffer.from(file);
      damaged[at] = value;
      const { prepared, content } = await store(damaged, "wav", "low");
      expect(content.length).toBe(file.length);
      if (prepared.lossless) expect(content.equals(damaged)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("the same file is stored in the same way twice", async () => {
  const file = waveFile(sound(1, 44100, 2), PCM16, 44100);
  const [first, second] = [await store(file, "wav", "medium"), await store(file, "wav", "medium")];
  expect(first.content.equals(second.content)).toBe(true);
  expect(first.prepared.report).toEqual(second.prepared.report!);
});

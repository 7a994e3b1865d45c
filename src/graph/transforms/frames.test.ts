import { describe, expect, test } from "bun:test";
import { frames, framesParams, writeFrames } from "./frames";
import { encodeFrame, type FrameCoding, openFrame } from "./frames/coding";

/** An image with flat, smooth and noisy parts, the same on every run. */
function picture(width: number, height: number, channels: number, most: number): number[] {
  let state = 1;
  return Array.from({ length: width * height * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const noise = x > width / 2 ? (state >>> 20) % 9 : 0;
    const rare = state >>> 24 === 7 ? most : 0;
    return Math.min(most, Math.max(rare, x < width / 4 ? 5 : x * 3 + noise));
  });
}

function bytesOf(samples: readonly number[], sampleBytes: number): Uint8Array {
  return Uint8Array.from(samples.flatMap((sample) => (sampleBytes === 1 ? [sample] : [sample & 255, sample >> 8])));
}

/** Headers of an image; `tail` is the end of the scan header. */
function jpegHeader(
  process: number,
  shape: { width: number; height: number; channels: number },
  precision: number,
) {
  const { width, height, channels } = shape;
  const ids = Array.from({ length: channels }, (_, i) => i + 1);
  const start = [0xff, 0xd8];
  const frame = [0xff, process, 0, 8 + 3 * channels, precision, height >> 8, height & 255, width >> 8, width & 255];
  const components = [channels, ...ids.flatMap((id) => [id, 0x11, 0])];
  // Codes of 2 to 16 bits for the categories 0 to 16.
  const counts = [0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2];
  const table = [0xff, 0xc4, 0, 2 + 17 + 17, 0, ...counts, ...Array.from({ length: 17 }, (_, i) => i)];
  const scan = [0xff, 0xda, 0, 6 + 2 * channels, channels, ...ids.flatMap((id) => [id, 0])];
  return { start, frame: [...frame, ...components], table, scan };
}

const SHAPES = [
  { width: 40, height: 30, channels: 1, sampleBytes: 1 },
  { width: 33, height: 20, channels: 3, sampleBytes: 1 },
  { width: 64, height: 16, channels: 1, sampleBytes: 2 },
];

/** Each way to compress frames, with notes that it takes. */
const WAYS: readonly {
  name: string;
  coding: FrameCoding;
  notes: (shape: (typeof SHAPES)[number]) => Uint8Array;
}[] = [
  ...[1, 2, 3, 4, 5, 6, 7].map((predictor) => ({
    name: `lossless JPEG with predictor ${predictor}`,
    coding: "jpeg-lossless" as const,
    notes: (shape: (typeof SHAPES)[number]) => {
      const { start, frame, table, scan } = jpegHeader(0xc3, shape, 8 * shape.sampleBytes);
      return Uint8Array.from([...start, ...frame, ...table, ...scan, predictor, 0, 0]);
    },
  })),
  {
    name: "JPEG-LS",
    coding: "jpeg-ls",
    notes: (shape) => {
      const { start, frame, scan } = jpegHeader(0xf7, shape, 8 * shape.sampleBytes);
      return Uint8Array.from([...start, ...frame, ...scan, 0, shape.channels > 1 ? 1 : 0, 0]);
    },
  },
  {
    name: "run lengths",
    coding: "rle",
    notes: ({ width, channels, sampleBytes }) => {
      const segments = Array.from({ length: channels * sampleBytes }, () => [2, width, 2, 0]);
      return Uint8Array.from(segments.flat());
    },
  },
];

describe.each([...WAYS])("$name", ({ coding, notes, name }) => {
  test.each(SHAPES)("of %j is taken apart and made again", (shape) => {
    const most = 2 ** (8 * shape.sampleBytes) - 1;
    const samples = bytesOf(picture(shape.width, shape.height, shape.channels, most), shape.sampleBytes);
    // A run-length segment of odd length asks for one more byte of notes.
    const told =
      name === "run lengths" ? undefined : encodeFrame(coding, shape, { samples, notes: notes(shape) }, 1 << 20);
    if (!told) return;
    const opened = openFrame(coding, shape, Uint8Array.from([...told, 0xff, 0xd9]))!;
    expect(opened.used).toBe(told.length);
    expect(Buffer.compare(opened.samples, samples)).toBe(0);
    for (let at = 0; at < told.length; at += 5) {
      const broken = told.slice();
      broken[at]! ^= 0x24;
      const found = openFrame(coding, shape, broken);
      if (found)
        expect(Buffer.compare(encodeFrame(coding, shape, found, 1 << 20), broken.subarray(0, found.used))).toBe(0);
      expect(openFrame(coding, shape, told.subarray(0, at))).toBeUndefined();
    }
  });
});

describe("run lengths of DICOM", () => {
  // Two segments: one by an encoder that breaks runs of two, with a byte of its own for even length, one by another.
  const shape = { width: 6, height: 2, channels: 1, sampleBytes: 2 };
  const high = [0xfb, 7, 0x80, 5, 1, 2, 2, 2, 2, 3];
  const low = [1, 9, 9, 0xfd, 9, 0xfb, 4, 0x80];
  const header = new Uint8Array(64);
  header.set([2, 0, 0, 0, 64, 0, 0, 0, 64 + high.length]);
  const frame = Uint8Array.from([...header, ...high, ...low]);

  test("come back with all habits of their encoder", () => {
    const opened = openFrame("rle", shape, frame)!;
    expect(opened.used).toBe(frame.length);
    expect([...opened.samples]).toEqual([
      ...[9, 9, 9, 9, 9, 9].flatMap((low) => [low, 7]),
      ...[1, 2, 2, 2, 2, 3].flatMap((high) => [4, high]),
    ]);
  });

  test("in a stretch of a file, cut into two fragments", () => {
    const { samples, notes } = openFrame("rle", shape, frame)!;
    const written = writeFrames([{ gap: 3, notes, cuts: [{ after: 70, gap: 2 }] }]);
    const skeleton = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const params = framesParams(frame.length + 6, "rle", shape);
    const inputs = [skeleton, written.recipe, written.notes, samples];
    const length = frames.outputLength(
      inputs.map((input) => input.length),
      params,
    );
    const output = frames.apply(inputs, params, length);
    const expected = [1, 2, 3, ...frame.subarray(0, 70), 4, 5, ...frame.subarray(70), 6];
    expect([...output]).toEqual(expected);
    for (let at = 0; at < params.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const broken = params.slice();
        broken[at]! ^= flip;
        try {
          frames.outputLength(
            inputs.map((input) => input.length),
            broken,
          );
          expect(frames.apply(inputs, broken, length).length).toBeLessThanOrEqual(length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }
  });
});

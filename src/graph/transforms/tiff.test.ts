import { describe, expect, test } from "bun:test";
import { tiff, tiffParams, writeChunks } from "./tiff";
import { type ChunkedImage, imageBytes, nearestSamples, putChunk, takeChunk } from "./tiff/image";
import { decodeLzw, encodeLzw } from "./tiff/lzw";
import { decodePackBits, encodePackBits } from "./tiff/packbits";
import { applyPredictor, undoPredictor } from "./tiff/predictors";

/** Bytes with runs, repeats and noise, the same on every run. */
function content(length: number, seed = 1): Uint8Array {
  let state = seed;
  let byte = 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    if (state >>> 30 > 1) byte = (state >>> 16) & 63;
    return byte;
  });
}

describe("LZW", () => {
  // Long enough for several tables.
  const plain = content(60_000);

  test.each([true, false])("comes back with the habits of its encoder (end counted: %p)", (countsLast) => {
    for (const length of [0, 1, 2, 300, 60_000]) {
      const piece = plain.subarray(0, length);
      const stream = encodeLzw(piece, { clears: [], countsLast }, 1 << 20);
      expect(decodeLzw(stream, length)?.plain).toEqual(new Uint8Array(piece));
      expect(decodeLzw(stream.subarray(0, -1), length)).toBeUndefined();
    }
  });

  test("tells where another encoder cleared its table", () => {
    const clears = [100, 5, 2000];
    const stream = encodeLzw(plain, { clears, countsLast: true }, 1 << 20);
    const parts = decodeLzw(stream, plain.length)!;
    expect(parts.clears.slice(0, 3)).toEqual(clears);
    expect(encodeLzw(parts.plain, { clears: parts.clears, countsLast: true }, 1 << 20)).toEqual(stream);
  });

  test("takes the example of the standard", () => {
    // TIFF 6.0, section 13: 7 7 7 8 8 7 7 6 6 is <256> <7> <258> <8> <8> <258> <6> <6> <257>.
    const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257].map((code) => code.toString(2).padStart(9, "0")).join("");
    const expected = (codes.padEnd(Math.ceil(codes.length / 8) * 8, "0").match(/.{8}/g) ?? []).map((bits) =>
      Number.parseInt(bits, 2),
    );
    const stream = encodeLzw(Uint8Array.of(7, 7, 7, 8, 8, 7, 7, 6, 6), { clears: [], countsLast: true }, 100);
    expect([...stream]).toEqual(expected);
  });
});

describe("PackBits", () => {
  const habits = { row: 50, repeats: 3 };

  test("of an encoder like ours has no exceptions", () => {
    const plain = content(1000);
    const stream = encodePackBits(plain, habits, [], 5000);
    const parts = decodePackBits(stream, plain.length, habits)!;
    expect(parts).toEqual({ plain, used: stream.length, exceptions: [] });
  });

  test("of another encoder comes back by exceptions", () => {
    // Nothing, a run over a row's end, a run of one, unequal bytes one by one.
    const stream = Uint8Array.of(0x80, 0xc0, 4, 0x81, 9, 0, 1, 0, 2, 1, 3, 3);
    const length = 65 + 128 + 4;
    const parts = decodePackBits(stream, length, habits)!;
    expect(parts.exceptions.length).toBeGreaterThan(2);
    expect(encodePackBits(parts.plain, habits, parts.exceptions, 100)).toEqual(stream);
    expect(decodePackBits(stream.subarray(0, -1), length, habits)).toBeUndefined();
  });
});

test.each([
  [1, 3],
  [2, 1],
  [2, 4],
  [4, 1],
  [8, 2],
])("predictors of %i bytes and %i channels are undone", (sampleBytes, channels) => {
  for (const bigEndian of [true, false]) {
    for (const predictor of [1, 2, 3]) {
      const shape = { samples: 5 * channels, channels, sampleBytes, bigEndian };
      const rows = content(3 * shape.samples * sampleBytes, sampleBytes);
      const changed = rows.slice();
      applyPredictor(changed, predictor, shape);
      undoPredictor(changed, predictor, shape);
      expect(Buffer.compare(changed, rows)).toBe(0);
    }
  }
});

test("the horizontal predictor leaves differences of whole samples", () => {
  const row = Uint8Array.of(0x01, 0x00, 0x00, 0xff);
  applyPredictor(row, 2, { samples: 2, channels: 1, sampleBytes: 2, bigEndian: true });
  expect([...row]).toEqual([0x01, 0x00, 0xff, 0xff]);
});

describe("the transform", () => {
  const image: ChunkedImage = {
    ...{ compression: 5, predictor: 2, sampleBytes: 2, bigEndian: false, channels: 1, planes: 2 },
    ...{ across: 2, down: 2, chunkWidth: 8, chunkRows: 6, lastRows: 4 },
  };
  const small: ChunkedImage = {
    ...{ ...image, compression: 1, predictor: 1, across: 1, down: 1, chunkRows: 5, lastRows: 5 },
    overview: { of: 0, width: 7, height: 5, fullWidth: 14, fullHeight: 10 },
  };
  const samples = content(imageBytes(image));
  const order = [0, 1, 4, 5, 2, 3, 6, 7];
  const notes = Uint8Array.of(1);
  const entries = [
    ...order.map((chunk) => ({ gap: chunk % 2, image: 0, chunk, notes })),
    { gap: 0, image: 1, chunk: 0, notes: new Uint8Array() },
  ];
  const { recipe, notes: told } = writeChunks(entries);
  const zeros = new Uint8Array(imageBytes(small));
  const inputs = [Uint8Array.of(1, 2, 3, 4, 5), recipe, told, samples, zeros];

  /** What the file has, made step by step. */
  function expected(): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (const [i, chunk] of order.entries()) {
      if (chunk % 2 === 1) pieces.push(Uint8Array.of(1 + Math.floor(i / 2)));
      const plain = takeChunk(image, samples, chunk);
      applyPredictor(plain, 2, { samples: 8, channels: 1, sampleBytes: 2, bigEndian: false });
      pieces.push(encodeLzw(plain, { clears: [], countsLast: true }, 1 << 20));
    }
    const overview = nearestSamples(small, small.overview!, image, samples);
    for (const chunk of [0]) pieces.push(takeChunk(small, overview, chunk));
    return new Uint8Array(Buffer.concat([...pieces, Uint8Array.of(5)]));
  }

  test("makes chunks in the order of the file, and overviews from their images", () => {
    const file = expected();
    const params = tiffParams(file.length, [image, small]);
    const length = tiff.outputLength(
      inputs.map((input) => input.length),
      params,
    );
    expect(Buffer.compare(tiff.apply(inputs, params, length), file)).toBe(0);
  });

  test("chunks are taken and put at the same place", () => {
    const copy = new Uint8Array(samples.length);
    for (let chunk = 0; chunk < 8; chunk++) putChunk(image, copy, chunk, takeChunk(image, samples, chunk));
    expect(Buffer.compare(copy, samples)).toBe(0);
  });

  test("damage is an error or gives no more than it should", () => {
    const file = expected();
    const params = tiffParams(file.length, [image, small]);
    const attempt = (all: readonly Uint8Array[], told: Uint8Array) => {
      try {
        const length = tiff.outputLength(
          all.map((input) => input.length),
          told,
        );
        if (length > 1 << 20) return;
        expect(tiff.apply(all, told, length).length).toBeLessThanOrEqual(length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    };
    for (const flip of [1, 0x40, 0xff]) {
      for (let at = 0; at < params.length; at++) attempt(inputs, flipped(params, at, flip));
      for (let at = 0; at < recipe.length; at++) {
        attempt([inputs[0]!, flipped(recipe, at, flip), told, samples, zeros], params);
      }
    }
    for (let at = 0; at < recipe.length; at++) {
      attempt([inputs[0]!, recipe.subarray(0, at), told, samples, zeros], params);
    }
  });
});

function flipped(bytes: Uint8Array, at: number, flip: number): Uint8Array {
  const broken = bytes.slice();
  broken[at]! ^= flip;
  return broken;
}

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type RiceLayout, rice, riceParams, writeTiles } from "./rice";
import { decodeRice, encodeRice } from "./rice/coder";

/** 70 samples: flat, rising by squares with some noise, `odd` at place 50, flat. */
function samplesWith(odd: number, less: number): number[] {
  return Array.from({ length: 70 }, (_, x) => {
    if (x >= 60) return 9;
    return x === 50 ? odd : Math.floor((x * x) / 40) + (x > 40 ? x % 7 : 0) - less;
  });
}

/** What CFITSIO 4 writes. */
const WRITTEN = [
  [1, samplesWith(255, 0), "003fccccc9249249242424365495294a52885ed6b5b16a80c8062d8b62b8c60008c21000"],
  [
    2,
    samplesWith(-32768, 30),
    "ffe21fe666649249249212121d80140120050048024012009004802404200f006803401a00d00880340140007f100007ed600d008803402200b00880440220cb000800400000",
  ],
  [
    4,
    samplesWith(-(2 ** 31), 30),
    "ffffffe20ff333324924924909090e8000000080000001000000008000000100000001000000010000000100000001000000010000000400000001c00000018000000180000001800000018000000200000001800000017ffffff13fffffed40000001800000020000000180000002000000014000000200000002000000020000001940000000000000000000000000",
  ],
] as const;

describe("the Rice coder", () => {
  test.each(WRITTEN)("codes samples of %d bytes as CFITSIO does", (bytes, samples, hex) => {
    const kind = { bytes, blockSize: 32 };
    const coded = new Uint8Array(Buffer.from(hex, "hex"));
    expect(Buffer.from(encodeRice(Int32Array.from(samples), kind, 1000)).toString("hex")).toBe(hex);
    const found = decodeRice(coded, samples.length, kind)!;
    const low = (value: number) => value & (2 ** (8 * bytes) - 1);
    expect([...found.samples].map(low)).toEqual(samples.map(low));
    expect(found.used).toBe(coded.length);
    for (let length = 0; length < coded.length; length++) {
      expect(decodeRice(coded.subarray(0, length), samples.length, kind)).toBeUndefined();
    }
  });

  test("gives any samples back", () => {
    const sample = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 100 }),
        fc.constantFrom(1, 2, 4),
        fc.integer({ min: 1, max: 40 }),
        (values, bytes, blockSize) => {
          const unused = 32 - 8 * bytes;
          const samples = Int32Array.from(values, (value) => (value << unused) >> unused);
          const coded = encodeRice(samples, { bytes, blockSize }, 1 << 16);
          const found = decodeRice(coded, samples.length, { bytes, blockSize })!;
          expect(found.used).toBe(coded.length);
          expect([...found.samples]).toEqual([...samples]);
          expect(() => encodeRice(samples, { bytes, blockSize }, coded.length - 1)).toThrow("too long");
        },
      ),
    );
  });

  test("takes any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(1, 2, 4), (bytes, size) => {
        const found = decodeRice(bytes, 50, { bytes: size, blockSize: 32 });
        expect(found?.used ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe("tiles", () => {
  // A table of six pairs of numbers, each behind four bytes; then the heap with the tiles, two bytes between them.
  const shape = { width: 5, height: 7, tileWidth: 3, tileHeight: 3 };
  const table = { start: 1, rowBytes: 12, column: 4, bytes: 4, heap: 73 };
  const layout: RiceLayout = { kind: { bytes: 4, blockSize: 32 }, shape, storedBytes: 2, base: -1000, table };
  const image = Uint8Array.from({ length: 70 }, (_, i) => (i % 2 ? (i * i) & 255 : 3));
  const tileOf = (tile: number) => {
    const [x, y] = [(tile % 2) * 3, Math.floor(tile / 2) * 3];
    const samples: number[] = [];
    for (let row = y; row < Math.min(y + 3, 7); row++) {
      for (let column = x; column < Math.min(x + 3, 5); column++) {
        const at = 2 * (5 * row + column);
        samples.push(256 * image[at]! + image[at + 1]! - 1000);
      }
    }
    return encodeRice(Int32Array.from(samples), layout.kind, 1000);
  };

  // The third tile is missing.
  const tiles = [0, 1, 3, 4, 5];
  const pieces = tiles.map(tileOf);
  const length = 73 + pieces.reduce((sum, piece) => sum + piece.length + 2, 0);
  const skeleton = new Uint8Array(73 + 2 * tiles.length).fill(7);
  for (const tile of tiles) skeleton.fill(0, 1 + 12 * tile + 4, 1 + 12 * tile + 12);
  const recipe = writeTiles(tiles.map((tile, i) => ({ gap: i === 0 ? 73 : 2, tile })));
  const params = riceParams(length, layout);
  const inputs = [skeleton, recipe, image];
  const lengths = inputs.map((input) => input.length);

  test("and their table are made again", () => {
    const output = rice.apply(inputs, params, rice.outputLength(lengths, params));
    const expected = Buffer.alloc(length, 7);
    let at = 73;
    for (const [index, tile] of tiles.entries()) {
      const piece = pieces[index]!;
      expected.set(piece, at);
      expected.writeUInt32BE(piece.length, 1 + 12 * tile + 4);
      expected.writeUInt32BE(at - 73, 1 + 12 * tile + 8);
      at += piece.length + 2;
    }
    expect(Buffer.compare(output, expected)).toBe(0);
  });

  test("whatever is changed, there is an error or an output of the stated length", () => {
    const whole = [params, ...inputs];
    for (let which = 0; which < whole.length; which++) {
      for (let at = 0; at < whole[which]!.length; at++) {
        for (const flip of [1, 0x80, 0xff]) {
          const [brokenParams, ...broken] = whole.map((bytes) => bytes.slice());
          [brokenParams, ...broken][which]![at]! ^= flip;
          try {
            const stated = rice.outputLength(lengths, brokenParams!);
            if (stated < 1 << 20) expect(rice.apply(broken, brokenParams!, stated).length).toBe(stated);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }
    }
  });
});

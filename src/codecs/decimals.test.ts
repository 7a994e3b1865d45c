import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decimal } from "../graph/transforms/decimal";
import { decimalsOf } from "./decimals";

interface Form {
  readonly sampleBytes: 4 | 8;
  readonly bigEndian: boolean;
}

const FORMS: readonly Form[] = [4, 8].flatMap((bytes) =>
  [false, true].map((bigEndian) => ({ sampleBytes: bytes as 4 | 8, bigEndian })),
);

function written(values: readonly number[], { sampleBytes, bigEndian }: Form): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * sampleBytes));
  for (const [i, value] of values.entries()) {
    if (sampleBytes === 4) view.setFloat32(4 * i, value, !bigEndian);
    else view.setFloat64(8 * i, value, !bigEndian);
  }
  return new Uint8Array(view.buffer);
}

/** The numbers' integers; fails unless they give the numbers back. */
function taken(bytes: Uint8Array, form: Form) {
  const found = decimalsOf({ bytes, ...form });
  if (!found) return undefined;
  const length = decimal.outputLength([found.integers.length], found.params);
  expect(Buffer.compare(decimal.apply([found.integers], found.params, length), bytes)).toBe(0);
  return found;
}

const heights = Array.from({ length: 3000 }, (_, i) => Math.round(9000 + 3000 * Math.sin(i / 50)));

describe.each(FORMS)("%j", (form) => {
  test.each([1, 2, 10, 16, 100, 1000])("heights in parts of %d", (denominator) => {
    const found = taken(
      written(
        heights.map((height) => height / denominator),
        form,
      ),
      form,
    );
    expect(found?.integerBytes).toBe(2);
  });

  test("with holes, infinities, NaN and the negative zero", () => {
    const values = heights.map((height, i) => (i % 9 === 0 ? -3.4028234663852886e38 : height / 100));
    values.splice(500, 4, Number.POSITIVE_INFINITY, Number.NaN, -0, 0);
    const bytes = written(values, form);
    const found = taken(bytes, form)!;
    expect(found.integerBytes).toBe(2);
    // The holes are far from all other numbers.
    const stored = [...new Uint16Array(found.integers.buffer)].sort((a, b) => a - b);
    expect(stored[heights.length >> 4]).toBe(0);
  });

  test("a range of more than 16 bits", () => {
    const found = taken(
      written(
        heights.map((height, i) => height * 17 + i),
        form,
      ),
      form,
    );
    expect(found?.integerBytes).toBe(4);
  });

  test("numbers that are no fractions, nothing else than NaN, and none at all", () => {
    expect(taken(written(heights.map(Math.sin), form), form)).toBeUndefined();
    expect(taken(written(new Array(100).fill(Number.NaN), form), form)).toBeUndefined();
    expect(taken(written([1e300, -1e300, 5e-324, 3], form), form)).toBeUndefined();
    expect(taken(new Uint8Array(), form)).toBeUndefined();
  });

  test("whatever numbers there are, they come back", () => {
    const number = fc.oneof(
      fc.integer({ min: -40_000, max: 40_000 }).map((value) => value / 100),
      fc.constantFrom(Number.NaN, -0, 1e30, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), (values) => {
        taken(written(values, form), form);
      }),
    );
  });

  test("damaged parameters: an error or as many bytes as stated", () => {
    const values = heights.slice(0, 50).map((height, i) => (i % 9 === 0 ? Number.NaN : height / 10));
    const { params, integers } = taken(written(values, form), form)!;
    for (let at = 0; at < params.length; at++) {
      for (const flip of [1, 0x40, 0x80, 0xff]) {
        const broken = params.slice();
        broken[at]! ^= flip;
        try {
          const length = decimal.outputLength([integers.length], broken);
          expect(decimal.apply([integers], broken, length).length).toBe(length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }
  });
});

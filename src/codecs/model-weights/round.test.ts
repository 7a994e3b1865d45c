import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ELEMENTS, type FloatType, isElementType, isFloat } from "./layout";
import { roundFloats } from "./round";

const TYPES = Object.keys(ELEMENTS).filter((type): type is FloatType => isElementType(type) && isFloat(type));

/** Rounding as IEEE 754 words it, on the whole bit pattern as one number. */
function expected(pattern: bigint, type: FloatType, drop: number): bigint {
  const mantissa = BigInt(ELEMENTS[type].mantissa!);
  const exponentMask = ((1n << BigInt(ELEMENTS[type].exponent)) - 1n) << mantissa;
  const sign = pattern >> BigInt(8 * ELEMENTS[type].width - 1);
  const magnitude = pattern & (exponentMask | ((1n << mantissa) - 1n));
  if ((magnitude & exponentMask) === exponentMask) return pattern;
  const unit = 1n << BigInt(drop);
  const below = magnitude - (magnitude % unit);
  const twice = 2n * (magnitude % unit);
  const up = twice > unit || (twice === unit && (below / unit) % 2n === 1n);
  const nearest = up && below + unit < exponentMask ? below + unit : below;
  return (sign << BigInt(8 * ELEMENTS[type].width - 1)) | nearest;
}

function elements(patterns: bigint[], width: number, bigEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(patterns.length * width);
  for (const [i, pattern] of patterns.entries()) {
    for (let j = 0; j < width; j++) {
      bytes[i * width + (bigEndian ? width - 1 - j : j)] = Number((pattern >> BigInt(8 * j)) & 0xffn);
    }
  }
  return bytes;
}

/** Any bits, and those around zero, one, the largest finite number and infinity. */
function patterns(type: FloatType) {
  const { width, mantissa = 0 } = ELEMENTS[type];
  const infinity = ((1n << BigInt(ELEMENTS[type].exponent)) - 1n) << BigInt(mantissa);
  const sign = 1n << BigInt(8 * width - 1);
  const any = fc.bigInt(0n, sign * 2n - 1n);
  const near = (centre: bigint) => fc.bigInt(centre < 40n ? 0n : centre - 40n, centre + 40n);
  return fc.array(fc.oneof(any, near(0n), near(sign), near(infinity), near(infinity | sign)), { maxLength: 20 });
}

describe.each(TYPES)("%s", (type) => {
  const { width } = ELEMENTS[type];
  const cases = fc.tuple(patterns(type), fc.integer({ min: 1, max: 4 }), fc.boolean());

  test("rounds to nearest even, keeps NaN and infinity, never reaches infinity", () => {
    fc.assert(
      fc.property(cases, ([values, drop, bigEndian]) => {
        const bytes = elements(values, width, bigEndian);
        const wanted = values.map((value) => expected(value, type, drop));
        const changed = roundFloats(bytes, type, bigEndian, drop);
        expect(bytes).toEqual(elements(wanted, width, bigEndian));
        expect(changed).toBe(values.filter((value, i) => value !== wanted[i]).length);
      }),
      { numRuns: 500 },
    );
  });

  test("changes nothing the second time", () => {
    fc.assert(
      fc.property(cases, ([values, drop, bigEndian]) => {
        const bytes = elements(values, width, bigEndian);
        roundFloats(bytes, type, bigEndian, drop);
        expect(roundFloats(bytes, type, bigEndian, drop)).toBe(0);
      }),
    );
  });
});

test("the largest finite number is cut off, not rounded up", () => {
  const bytes = new Uint8Array(new Float32Array([3.4028234663852886e38, -3.4028234663852886e38]).buffer);
  roundFloats(bytes, "F32", false, 4);
  const [high, low] = new Float32Array(bytes.buffer);
  expect(Number.isFinite(high)).toBe(true);
  expect(low).toBe(-high!);
  expect(new Uint32Array(bytes.buffer)[0]).toBe(0x7f7ffff0);
});

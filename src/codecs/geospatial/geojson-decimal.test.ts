import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { roundDecimal } from "./geojson-decimal";

function round(text: string, precision: number): string | undefined {
  // Digits around the number are none of it.
  const rounded = roundDecimal(Buffer.from(`95${text}95`), 2, text.length + 2, precision);
  return rounded && Buffer.from(rounded).toString();
}

describe("rounds half to even on the decimal text", () => {
  test.each([
    ["1.2345674", 6, "1.234567"],
    ["1.2345675", 6, "1.234568"],
    ["1.2345665", 6, "1.234566"],
    ["1.23456650000000000000000001", 6, "1.234567"],
    ["0.5", 0, "0"],
    ["1.5", 0, "2"],
    ["-2.5", 0, "-2"],
    ["9.9999999", 6, "10"],
    ["-0.00000004", 6, "0"],
    ["0.00000051", 6, "0.000001"],
    ["13.1000000", 6, "13.1"],
    ["1e-7", 6, "0"],
    ["1.5e-6", 6, "0.000002"],
    ["123456789.5e-3", 3, "123456.79"],
    ["1e-999999999999999999999", 15, "0"],
    ["0.99999999999999999", 15, "1"],
  ])("%s to %d decimals is %s", (text, precision, wanted) => {
    expect(round(text, precision)).toBe(wanted);
  });

  test.each([
    ["1.500000"],
    ["-0.0"],
    ["0"],
    ["12"],
    ["1E5"],
    ["1.5e3"],
    ["1.23456e-1"],
    ["1e999999999999999999999"],
  ])("%s stays as it is written", (text) => {
    expect(round(text, 6)).toBeUndefined();
  });
});

/** A JSON number as its value in units of 10^-40. */
function exact(text: string): bigint {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?$/.exec(text)!;
  const magnitude = BigInt(whole! + fraction) * 10n ** BigInt(40 - fraction.length + Number(exponent));
  return sign ? -magnitude : magnitude;
}

const decimals = fc
  .tuple(
    fc.boolean(),
    fc.bigInt(0n, 10n ** 12n),
    fc.stringMatching(/^\d{0,18}$/),
    fc.option(fc.integer({ min: -10, max: 10 })),
  )
  .map(([minus, whole, fraction, exponent]) => {
    return `${minus ? "-" : ""}${whole}${fraction && `.${fraction}`}${exponent === null ? "" : `e${exponent}`}`;
  });

test("the result is the nearest value, even on a tie, shortest, and rounds no further", () => {
  fc.assert(
    fc.property(decimals, fc.integer({ min: 0, max: 15 }), (text, precision) => {
      const rounded = round(text, precision);
      if (rounded === undefined) return;
      const unit = 10n ** BigInt(40 - precision);
      const [before, after] = [exact(text), exact(rounded)];
      const off = before > after ? before - after : after - before;
      expect(after % unit).toBe(0n);
      expect(2n * off <= unit).toBe(true);
      if (2n * off === unit) expect((after / unit) % 2n).toBe(0n);
      expect(rounded).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
      expect(round(rounded, precision)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

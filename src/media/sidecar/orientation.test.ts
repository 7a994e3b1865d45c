import { expect, test } from "bun:test";
import { orientationOf } from "./orientation";

const ONE = 1 << 16;

function matrix(a: number, b: number, c: number, d: number): Int32Array {
  return Int32Array.from([a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]);
}

// A telephone held upright writes (0, 1, -1, 0): the picture is to be turned clockwise by a quarter.
test.each([
  [matrix(1, 0, 0, 1), [], false],
  [matrix(-1, 0, 0, -1), ["hflip", "vflip"], false],
  [matrix(-1, 0, 0, 1), ["hflip"], false],
  [matrix(1, 0, 0, -1), ["vflip"], false],
  [matrix(0, 1, -1, 0), ["transpose=clock"], true],
  [matrix(0, -1, 1, 0), ["transpose=cclock"], true],
  [matrix(0, 1, 1, 0), ["transpose=cclock_flip"], true],
  [matrix(0, -1, -1, 0), ["transpose=clock_flip"], true],
])("turns %p", (given, filters, turned) => {
  expect(orientationOf(given)).toEqual({ filters, turned });
});

test("shows the rest as it is stored", () => {
  const upright = { filters: [], turned: false };
  expect(orientationOf(null)).toEqual(upright);
  expect(orientationOf(new Int32Array(9))).toEqual(upright);
  expect(orientationOf(matrix(0.7, 0.7, -0.7, 0.7))).toEqual(upright);
  expect(orientationOf(new Int32Array(2))).toEqual(upright);
});

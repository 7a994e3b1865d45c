import { expect, test } from "bun:test";
import { render } from "../testing";
import { segy } from "./index";
import { makeSegy, wave } from "./making.fixture";

const TRACES = 60;

/** A file whose trace `i` has `lengthOf(i)` samples. */
function made(code: number, lengthOf: (i: number) => number): Uint8Array {
  const traces = Array.from({ length: TRACES }, (_, i) => wave(lengthOf(i), 1000, i));
  return makeSegy({ code, traces, lengths: "each" });
}

test.each([
  ["one length", () => 80],
  ["two lengths by turns", (i: number) => 80 + 5 * (i % 2)],
  ["a length that changes once", (i: number) => (i < 20 ? 80 : 96)],
  ["a length of its own for each", (i: number) => 80 + i],
  ["a few that are odd", (i: number) => (i % 17 === 5 ? 70 + i : 80)],
])("traces with %s are coded together and come back", async (_, lengthOf) => {
  for (const code of [1, 3, 5]) {
    const bytes = made(code, lengthOf);
    for (const level of ["fast", "max"] as const) {
      const over = { format: "segy", level, params: { quality: "lossless" } };
      const { bytes: back, segments } = await render(segy, bytes, over);
      expect(Buffer.compare(back, bytes)).toBe(0);
      expect(segments.map(({ length }) => length)).toEqual([3600, bytes.length - 3600]);
    }
  }
});

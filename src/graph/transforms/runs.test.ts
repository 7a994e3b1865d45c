import { expect, test } from "bun:test";
import fc from "fast-check";
import { runs, runsParams, withoutRuns } from "./runs";

function restored(rest: Uint8Array, recipe: Uint8Array, length: number): Uint8Array {
  const params = runsParams(length);
  expect(runs.outputLength([rest.length, recipe.length], params)).toBe(length);
  return runs.apply([rest, recipe], params, length);
}

test("bytes come back with their runs", () => {
  const piece = fc.record({ byte: fc.nat(3), length: fc.nat(200) });
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const bytes = new Uint8Array(pieces.flatMap(({ byte, length }) => new Array<number>(length).fill(byte)));
      const { rest, recipe } = withoutRuns(bytes);
      expect(Buffer.compare(restored(rest, recipe, bytes.length), bytes)).toBe(0);
    }),
  );
});

test("a blank page is next to nothing", () => {
  const page = new Uint8Array(1 << 20).fill(255);
  page.fill(7, 5000, 5100);
  const { rest, recipe } = withoutRuns(page);
  expect([...rest]).toEqual([255, 7, 255]);
  expect(recipe.length).toBeLessThan(12);
});

test("what does not add up is an error", () => {
  const rest = Uint8Array.of(1, 2);
  expect([...restored(rest, Uint8Array.of(1, 2), 4)]).toEqual([1, 1, 1, 2]);
  expect(() => restored(rest, Uint8Array.of(1, 2), 5)).toThrow("less");
  expect(() => restored(rest, Uint8Array.of(1, 2), 3)).toThrow();
  expect(() => restored(rest, Uint8Array.of(0, 2), 4)).toThrow("not there");
  expect(() => restored(rest, Uint8Array.of(3, 1), 4)).toThrow();
  expect(() => runs.outputLength([2], runsParams(4))).toThrow();
});

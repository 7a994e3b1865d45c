import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Line, simplify } from "./geojson-simplify";

function lineOf(points: readonly (readonly [number, number])[]): Line {
  return { x: points.map(([x]) => x), y: points.map(([, y]) => y) };
}

function kept(line: Line, tolerance: number, ring = false): number[] {
  const stays = simplify(line, tolerance, ring);
  return line.x.map((_, i) => i).filter((i) => !stays || stays[i]);
}

/** Distance of a position from a segment between two others. */
function distance({ x, y }: Line, i: number, a: number, b: number): number {
  const [dx, dy] = [x[b]! - x[a]!, y[b]! - y[a]!];
  const length2 = dx * dx + dy * dy;
  const along =
    length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x[i]! - x[a]!) * dx + (y[i]! - y[a]!) * dy) / length2));
  return Math.hypot(x[i]! - x[a]! - along * dx, y[i]! - y[a]! - along * dy);
}

const coordinate = fc.integer({ min: -50, max: 50 });
const points = (minLength: number) => fc.array(fc.tuple(coordinate, coordinate), { minLength, maxLength: 60 });

describe("lines", () => {
  test("every position that goes lies within the tolerance of what stays; the ends stay", () => {
    fc.assert(
      fc.property(points(2), fc.integer({ min: 1, max: 40 }), (list, tolerance) => {
        const line = lineOf(list);
        const stays = kept(line, tolerance);
        expect([stays[0], stays.at(-1)]).toEqual([0, list.length - 1]);
        for (let k = 1; k < stays.length; k++) {
          for (let i = stays[k - 1]! + 1; i < stays[k]!; i++) {
            expect(distance(line, i, stays[k - 1]!, stays[k]!)).toBeLessThanOrEqual(tolerance + 1e-9);
          }
        }
      }),
    );
  });

  test("a straight line keeps its ends alone, a corner stays", () => {
    expect(
      kept(
        lineOf([
          [0, 0],
          [1, 0],
          [2, 0],
          [3, 0],
        ]),
        0.1,
      ),
    ).toEqual([0, 3]);
    expect(
      kept(
        lineOf([
          [0, 0],
          [1, 0.01],
          [2, 0],
          [2, 5],
        ]),
        0.1,
      ),
    ).toEqual([0, 2, 3]);
  });

  test("a hundred thousand positions on a spiral take no quadratic time", () => {
    const spiral = Array.from({ length: 100_000 }, (_, i) => [i * Math.cos(i / 9), i * Math.sin(i / 9)] as const);
    expect(kept(lineOf(spiral), 1e-9).length).toBe(spiral.length);
  });

  test("numbers beyond the range of a double leave a line alone", () => {
    expect(
      simplify(
        lineOf([
          [0, 0],
          [Number.POSITIVE_INFINITY, 0],
          [2, 0],
        ]),
        10,
        false,
      ),
    ).toBeUndefined();
  });
});

describe("rings", () => {
  test("stay closed with four positions or more", () => {
    fc.assert(
      fc.property(points(3), fc.integer({ min: 1, max: 200 }), (list, tolerance) => {
        const line = lineOf([...list, list[0]!]);
        const stays = kept(line, tolerance, true);
        expect(stays.length).toBeGreaterThanOrEqual(4);
        expect([stays[0], stays.at(-1)]).toEqual([0, list.length]);
      }),
    );
  });

  test("one that is not closed stays whole", () => {
    expect(
      simplify(
        lineOf([
          [0, 0],
          [1, 0],
          [2, 0],
          [3, 0],
          [4, 1],
        ]),
        100,
        true,
      ),
    ).toBeUndefined();
  });
});

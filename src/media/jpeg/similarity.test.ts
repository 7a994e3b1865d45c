import { expect, test } from "bun:test";
import { photo } from "../testing/pictures";
import { type Picture, similarity } from "./similarity";

const original = photo(128, 128);

function changed(change: (x: number, y: number, rgb: Uint8ClampedArray) => void): Picture {
  const data = new Uint8ClampedArray(original.data);
  for (let i = 0; i < 128 * 128; i++) change(i % 128, i >> 7, data.subarray(i * 4, i * 4 + 3));
  return { ...original, data };
}

test("equal pictures are equal", () => {
  expect(similarity(original, original)).toEqual({ luma: 1, lumaFloor: 1, chroma: 1 });
});

test("more noise is less similar", () => {
  const noisy = (amount: number) =>
    similarity(
      original,
      changed((x, y, rgb) => rgb.set(rgb.map((v) => v + (((x * 7 + y * 13) % 5) - 2) * amount))),
    ).luma;
  expect(noisy(1)).toBeGreaterThan(noisy(4));
  expect(noisy(4)).toBeGreaterThan(noisy(12));
});

test("a small ruined spot shows in the floor, not in the mean", () => {
  const spot = changed((x, y, rgb) => {
    if (x < 16 && y < 24) rgb.fill(((x ^ y) & 1) * 255);
  });
  const measured = similarity(original, spot);
  expect(measured.luma).toBeGreaterThan(0.95);
  expect(measured.lumaFloor).toBeLessThan(0.5);
});

test("colours that fade out show in chroma only", () => {
  const grey = changed((_x, _y, rgb) => {
    const luma = 0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!;
    rgb.fill(luma);
  });
  const measured = similarity(original, grey);
  expect(measured.luma).toBeGreaterThan(0.98);
  expect(measured.chroma).toBeLessThan(0.95);
});

test("compares pictures smaller than a window", () => {
  const dot = photo(1, 1);
  expect(similarity(dot, dot)).toEqual({ luma: 1, lumaFloor: 1, chroma: 1 });
});

import { expect, test } from "bun:test";
import { Resampler, sineOfPi } from "./resampler";

function sine(count: number, hertz: number, rate: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
}

function largestError(a: Float32Array, b: Float32Array, margin: number): number {
  let largest = 0;
  for (let i = margin; i < a.length - margin; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

test("the sine is a sine", () => {
  for (let x = -40; x < 40; x += 0.0371) expect(sineOfPi(x)).toBeCloseTo(Math.sin(Math.PI * x), 12);
});

for (const [from, to] of [
  [44100, 48000],
  [48000, 44100],
  [11025, 12000],
  [96000, 48000],
  [32000, 48000],
  [192000, 48000],
] as const) {
  test(`a tone stays the same tone, sample by sample, from ${from} to ${to} Hz`, () => {
    const input = sine(from / 4, 1000, from);
    const output = new Resampler(from, to).resample(input, 0, 0, to / 4);
    expect(largestError(output, sine(to / 4, 1000, to), 400)).toBeLessThan(1e-4);
  });
}

test("what the lower rate cannot hold is gone", () => {
  const output = new Resampler(96000, 48000).resample(sine(24000, 30000, 96000), 0, 0, 12000);
  expect(Math.max(...output.subarray(400, 11600))).toBeLessThan(1e-4);
});

test("pieces are the same as the whole", () => {
  const input = sine(6000, 700, 44100);
  const resampler = new Resampler(44100, 48000);
  const whole = resampler.resample(input, 0, 0, 6000);
  const start = resampler.positionOf(2000) - resampler.reach + 1;
  const piece = resampler.resample(input.subarray(start), start, 2000, 1500);
  expect(piece).toEqual(whole.slice(2000, 3500));
});

test("equal rates change nothing, and outside there is silence", () => {
  const input = Float32Array.of(0.1, 0.2, 0.3);
  expect([...new Resampler(48000, 48000).resample(input, 5, 3, 6)]).toEqual([0, 0, ...input, 0]);
});

test("rates without a common measure are refused", () => {
  expect(() => new Resampler(44101, 48000)).toThrow(RangeError);
});

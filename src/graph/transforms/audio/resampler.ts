/**
 * Band-limited resampling by a rational factor (a polyphase Kaiser-windowed sinc). Only IEEE 754 `+ - * /` on
 * doubles, and a sine of its own, so that the result is the same on every machine.
 */
export class Resampler {
  /** How many input samples around a position its output depends on, to either side. */
  readonly reach: number;
  readonly #up: number;
  readonly #down: number;
  /** One row of `2 * reach` coefficients per phase. */
  readonly #phases: Float64Array;

  /** @throws RangeError where the rates' ratio needs more than {@link MAX_PHASES} phases */
  constructor(inputRate: number, outputRate: number) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    if (this.#up > MAX_PHASES) throw new RangeError(`no filter from ${inputRate} Hz to ${outputRate} Hz`);
    const narrowing = Math.min(1, outputRate / inputRate);
    this.reach = inputRate === outputRate ? 0 : Math.ceil(ZERO_CROSSINGS / narrowing);
    this.#phases = designPhases(this.#up, this.reach, BANDWIDTH * narrowing);
  }

  /** The input position at or just before output sample `index`. */
  positionOf(index: number): number {
    return Math.floor((index * this.#down - ((index * this.#down) % this.#up)) / this.#up);
  }

  /**
   * Output samples `[first, first + count)`. `input` holds the samples from position `start` on; what lies before
   * or after it is silence.
   */
  resample(input: Float32Array, start: number, first: number, count: number): Float32Array {
    const output = new Float32Array(count);
    const up = this.#up;
    const down = this.#down;
    const reach = this.reach;
    const phases = this.#phases;
    const width = 2 * reach;
    for (let i = 0; i < count; i++) {
      const scaled = (first + i) * down;
      const phase = scaled % up;
      const position = (scaled - phase) / up - start;
      if (width === 0) {
        output[i] = input[position] ?? 0;
        continue;
      }
      const from = position - reach + 1;
      const low = Math.max(0, -from);
      const high = Math.min(width, input.length - from);
      const row = phase * width;
      let sum = 0;
      for (let tap = low; tap < high; tap++) sum += input[from + tap]! * phases[row + tap]!;
      output[i] = sum;
    }
    return output;
  }
}

/** Bounds the coefficient table to a few megabytes. */
export const MAX_PHASES = 2048;

/** Of the sinc, to either side, at the lower of the two rates. */
const ZERO_CROSSINGS = 48;

/** The filter's -6 dB point as a fraction of the lower rate's half. */
const BANDWIDTH = 0.95;

/** Kaiser's shape parameter: about 90 dB of stop band. */
const KAISER_BETA = 9;

function designPhases(phases: number, reach: number, bandwidth: number): Float64Array {
  const width = 2 * reach;
  const table = new Float64Array(phases * width);
  for (let phase = 0; phase < phases; phase++) {
    let total = 0;
    for (let tap = 0; tap < width; tap++) {
      const distance = tap - (reach - 1) - phase / phases;
      const value = sinc(distance * bandwidth) * kaiser(distance / reach);
      table[phase * width + tap] = value;
      total += value;
    }
    for (let tap = 0; tap < width; tap++) table[phase * width + tap]! /= total;
  }
  return table;
}

function sinc(x: number): number {
  return x === 0 ? 1 : sineOfPi(x) / (Math.PI * x);
}

/** sin(pi x) by its Taylor series on [-1/2, 1/2], below 1e-15 off. */
export function sineOfPi(x: number): number {
  const nearest = Math.floor(x + 0.5);
  const angle = (x - nearest) * Math.PI;
  let term = angle;
  let sum = angle;
  for (let n = 1; n <= 10; n++) {
    term *= -(angle * angle) / (2 * n * (2 * n + 1));
    sum += term;
  }
  return nearest % 2 === 0 ? sum : -sum;
}

function kaiser(x: number): number {
  const inside = 1 - x * x;
  return inside <= 0
    ? 0
    : bessel((inside * KAISER_BETA * KAISER_BETA) / 4) / bessel((KAISER_BETA * KAISER_BETA) / 4);
}

/** The modified Bessel function I0 of `2 * sqrt(q)`: the sum of q^k / (k!)^2. */
function bessel(q: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 40; k++) {
    term *= q / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

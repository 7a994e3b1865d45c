import { exponentOf, powerOfTwo } from "../../graph/transforms/number-format";
import { type Step, stepSize } from "../../graph/transforms/scaled";
import { viewOf } from "../sniff";
import { readSamples, type SampleFormat } from "./samples";

/** Larger multiples cost as much as the samples themselves. */
const MAX_COUNT = 2 ** 22;

const MAX_FACTOR = 2 ** 32 - 1;

/**
 * Finds the largest steps that all samples of each window of a trace are whole multiples of, and writes the multiples
 * to `counts`. Quantised samples have such steps, and so have samples that were integers before somebody stored them
 * as floats. One step for all windows is preferred; then, in a window of hardly any samples but 0, that of the same
 * window of the trace before.
 *
 * @param window samples of each window but the last
 * @param before the steps of the trace before; empty for the first one
 * @returns undefined when there are none, when they would not pay, or when the format writes some sample otherwise
 */
export function windowsAsMultiples(
  bytes: Uint8Array,
  sample: SampleFormat,
  window: number,
  counts: Int32Array,
  before: readonly Step[],
): Step[] | undefined {
  const values = readSamples(bytes, sample);
  const windows: Float64Array[] = [];
  for (let start = 0; start < values.length; start += window) windows.push(values.subarray(start, start + window));
  const own: Step[] = [];
  for (const part of windows) {
    const step = commonStep(part);
    if (!step) return undefined;
    own.push(step);
  }
  const whole = commonStep(values);
  const pays = whole && largest(windows, () => whole) < 2 * largest(windows, (i) => own[i]!);
  const steps = windows.map((part, i) => (pays ? whole : settled(part, own[i]!, before[i] ?? whole ?? own[i]!)));
  return writeMultiples(bytes, sample, windows, steps, counts) ? steps : undefined;
}

/** The largest multiple. */
function largest(windows: readonly Float64Array[], stepOf: (index: number) => Step): number {
  let most = 0;
  for (const [i, values] of windows.entries()) {
    const size = stepSize(stepOf(i));
    for (const value of values) most = Math.max(most, Math.abs(value) / size);
  }
  return most;
}

/** So many numbers that are not 0 have no step of their own by chance. */
const TELLING = 8;

/** The usual step where the values of a window are multiples of it and too few to tell that theirs is another one. */
function settled(values: Float64Array, step: Step, usual: Step): Step {
  let telling = 0;
  for (const value of values) if (value !== 0 && ++telling === TELLING) return step;
  return telling === 0 || Number.isInteger(stepSize(step) / stepSize(usual)) ? usual : step;
}

function writeMultiples(
  bytes: Uint8Array,
  { format, bigEndian }: SampleFormat,
  windows: readonly Float64Array[],
  steps: readonly Step[],
  counts: Int32Array,
): boolean {
  const again = new Uint8Array(bytes.length);
  const view = viewOf(again);
  let at = 0;
  for (const [i, values] of windows.entries()) {
    const size = stepSize(steps[i]!);
    for (const value of values) {
      const count = value / size;
      if (!format.integer && Math.abs(count) > MAX_COUNT) return false;
      counts[at] = count;
      format.write(view, at * format.width, counts[at]! * size, !bigEndian);
      at++;
    }
  }
  return Buffer.compare(again, bytes) === 0;
}

/** The greatest common divisor of the values; undefined when one is not finite or their range is too wide. */
export function commonStep(values: Float64Array): Step | undefined {
  const unit = commonUnit(values);
  if (unit === undefined) return undefined;
  const scale = powerOfTwo(unit);
  let factor = 0;
  for (const value of values) {
    const count = Math.abs(value / scale);
    if (count > Number.MAX_SAFE_INTEGER) return undefined;
    factor = commonDivisor(count, factor);
    if (factor === 1) break;
  }
  if (factor === 0) return { factor: 1, exponent: 0 };
  return factor <= MAX_FACTOR ? { factor, exponent: unit } : undefined;
}

function commonDivisor(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}

/** The exponent of the largest power of two that divides every value; undefined where one is not finite. */
function commonUnit(values: Float64Array): number | undefined {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let unit = 1023;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) return undefined;
    if (value === 0) continue;
    const exponent = exponentOf(Math.abs(value));
    const zeros = trailingZeros(words[2 * i]!, words[2 * i + 1]! & 0xfffff);
    unit = Math.min(unit, exponent - 52 + zeros);
  }
  return unit >= -1022 ? unit : undefined;
}

/** Of a double's 52 bits of fraction, low word and high; 52 when all are zero. Words are little-endian everywhere. */
function trailingZeros(low: number, high: number): number {
  if (low !== 0) return 31 - Math.clz32(low & -low);
  return high === 0 ? 52 : 63 - Math.clz32(high & -high);
}

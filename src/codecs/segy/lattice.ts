import { exponentOf, powerOfTwo } from "../../graph/transforms/number-format";
import { type Step, stepSize } from "../../graph/transforms/scaled";
import { viewOf } from "../sniff";
import { readSamples, type SampleFormat } from "./samples";

/** Larger multiples cost as much as the samples themselves. */
const MAX_COUNT = 2 ** 22;

const MAX_FACTOR = 2 ** 32 - 1;

/**
 * Finds the largest step that all samples of a trace are whole multiples of, and writes the multiples to `counts`.
 * Quantised samples have one, and so have samples that were integers before somebody stored them as floats.
 *
 * @returns undefined when there is none, when it would not pay, or when the format writes some sample in another way
 */
export function asMultiples(bytes: Uint8Array, sample: SampleFormat, counts: Int32Array): Step | undefined {
  const values = readSamples(bytes, sample);
  const step = commonStep(values);
  if (!step) return undefined;
  const { format, bigEndian } = sample;
  const size = stepSize(step);
  const again = new Uint8Array(bytes.length);
  const view = viewOf(again);
  for (let i = 0; i < values.length; i++) {
    const count = values[i]! / size;
    if (!format.integer && Math.abs(count) > MAX_COUNT) return undefined;
    counts[i] = count;
    format.write(view, i * format.width, counts[i]! * size, !bigEndian);
  }
  return Buffer.compare(again, bytes) === 0 ? step : undefined;
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

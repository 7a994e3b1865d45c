import { type DecimalLayout, decimalParams, MAX_EXCEPTIONS } from "../graph/transforms/decimal";
import { viewOf } from "./sniff";

/** Integers from which floating-point numbers follow. */
export interface Decimals {
  /** Unsigned, little-endian. */
  readonly integers: Uint8Array;
  readonly integerBytes: 2 | 4;
  /** Parameters of the transform `decimal`. */
  readonly params: Uint8Array;
}

interface Numbers {
  readonly bytes: Uint8Array;
  /** Of a number; only those of 4 and 8 are looked at. */
  readonly sampleBytes: number;
  readonly bigEndian: boolean;
}

/** Numbers that are looked at before all of them are. */
const PROBES = 500;

/** Denominators that measurements are rounded to, the smallest first. */
const DENOMINATORS = [
  ...Array.from({ length: 17 }, (_, power) => 2 ** power),
  ...[10, 100, 1000, 10_000, 100_000, 1_000_000],
  ...[5, 20, 50, 200, 500, 2000, 5000],
].sort((a, b) => a - b);

/** Integers of a wider range are as hard to code as the numbers themselves. */
const MAX_RANGE: Readonly<Record<number, number>> = { 4: 2 ** 20, 8: 2 ** 31 };
/** Beyond it, floating-point numbers are integers anyway. */
const MAX_INTEGER = 2 ** 48;

/** Shares of the integers' range by which exceptions stand off, so that the image model knows them for holes. */
const DISTANCE = 1 / 4;

/** The integers that numbers are fractions of; undefined where nearly all are none of one kind. */
export function decimalsOf(numbers: Numbers): Decimals | undefined {
  if (MAX_RANGE[numbers.sampleBytes] === undefined) return undefined;
  const values = valuesOf(numbers);
  const probes = values.filter((_, i) => i % Math.max(1, Math.floor(values.length / PROBES)) === 0);
  for (const denominator of DENOMINATORS) {
    if (!mostlyFractions(probes, denominator, numbers.sampleBytes)) continue;
    const found = fractions(numbers, values, denominator);
    if (found) return found;
  }
  return undefined;
}

function valuesOf({ bytes, sampleBytes, bigEndian }: Numbers): Float64Array {
  const view = viewOf(bytes);
  const values = new Float64Array(bytes.length / sampleBytes);
  for (let i = 0; i < values.length; i++) {
    const at = i * sampleBytes;
    values[i] = sampleBytes === 4 ? view.getFloat32(at, !bigEndian) : view.getFloat64(at, !bigEndian);
  }
  return values;
}

/** The numerator of a value; NaN where it is no such fraction. */
function numeratorOf(value: number, denominator: number, sampleBytes: number): number {
  // The negative zero is no fraction: integers have one zero only.
  const numerator = Math.round(value * denominator) + 0;
  if (!(Math.abs(numerator) <= MAX_INTEGER)) return Number.NaN;
  const again = sampleBytes === 4 ? Math.fround(numerator / denominator) : numerator / denominator;
  return Object.is(again, value) ? numerator : Number.NaN;
}

/** A few common values may be none: they stand for missing data. */
function mostlyFractions(values: Float64Array, denominator: number, sampleBytes: number): boolean {
  const others = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(numeratorOf(value, denominator, sampleBytes))) others.add(value);
    if (others.size > MAX_EXCEPTIONS) return false;
  }
  return others.size < values.length / 2;
}

function fractions(numbers: Numbers, values: Float64Array, denominator: number): Decimals | undefined {
  const { bytes, sampleBytes, bigEndian } = numbers;
  const numerators = new Float64Array(values.length);
  const exceptions = new Map<string, { number: number; bytes: Uint8Array }>();
  const exceptionAt = new Map<number, number>();
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const numerator = numeratorOf(values[i]!, denominator, sampleBytes);
    numerators[i] = numerator;
    if (numerator < low) low = numerator;
    if (numerator > high) high = numerator;
    if (!Number.isNaN(numerator)) continue;
    const pattern = bytes.subarray(i * sampleBytes, (i + 1) * sampleBytes);
    const key = pattern.join();
    const known = exceptions.get(key) ?? { number: exceptions.size, bytes: pattern.slice() };
    exceptions.set(key, known);
    exceptionAt.set(i, known.number);
    if (exceptions.size > MAX_EXCEPTIONS) return undefined;
  }
  if (!(low <= high && high - low <= MAX_RANGE[sampleBytes]!)) return undefined;
  const distance = exceptions.size === 0 ? 0 : exceptions.size + Math.floor((high - low) * DISTANCE);
  const base = low - distance;
  const integerBytes = high - base < 2 ** 16 ? 2 : 4;
  const integers = new Uint8Array(values.length * integerBytes);
  const view = viewOf(integers);
  for (let i = 0; i < values.length; i++) {
    const stored = exceptionAt.get(i) ?? numerators[i]! - base;
    if (integerBytes === 2) view.setUint16(2 * i, stored, true);
    else view.setUint32(4 * i, stored, true);
  }
  const layout: DecimalLayout = {
    ...{ bytes: sampleBytes, bigEndian, denominator },
    ...{ storedBytes: integerBytes, base, exceptions: [...exceptions.values()].map((known) => known.bytes) },
  };
  return { integers, integerBytes, params: decimalParams(layout) };
}

import type { NumberFormat } from "../../graph/transforms/number-format";
import { viewOf } from "../sniff";

/** How the samples of a file are stored. */
export interface SampleFormat {
  readonly format: NumberFormat;
  readonly bigEndian: boolean;
}

/** Reads samples as doubles, exactly. @param bytes whole samples */
export function readSamples(bytes: Uint8Array, { format, bigEndian }: SampleFormat): Float64Array {
  const view = viewOf(bytes);
  const values = new Float64Array(bytes.length / format.width);
  for (let i = 0; i < values.length; i++) values[i] = format.read(view, i * format.width, !bigEndian);
  return values;
}

/** Sum of squares. In unsigned formats the mean is no signal, only the middle of the range. */
export function energy(values: Float64Array, { format }: SampleFormat): number {
  const middle = format.integer?.min === 0 ? mean(values) : 0;
  let sum = 0;
  for (const value of values) if (Number.isFinite(value)) sum += (value - middle) * (value - middle);
  return sum;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sum of squared differences where both are finite. */
export function errorEnergy(before: Float64Array, after: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const difference = before[i]! - after[i]!;
    if (Number.isFinite(difference)) sum += difference * difference;
  }
  return sum;
}

/** Words looked at to see whether they are what the header says. */
const ENOUGH_WORDS = 1000;

/**
 * Watches words of four bytes for the classic mistake of IBM numbers said to be IEEE ones or the reverse: IBM
 * software writes fractions whose first hexadecimal digit is not zero; in IEEE numbers over a few octaves those bits
 * are zero now and then.
 */
export class FormatWitness {
  #words = 0;
  #zeroDigits = 0;
  readonly #tops = new Set<number>();

  constructor(readonly sample: SampleFormat) {}

  watch(bytes: Uint8Array): void {
    const { format, bigEndian } = this.sample;
    if (format.code !== 1 && format.code !== 5) return;
    const view = viewOf(bytes);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, !bigEndian);
      if (word << 1 === 0) continue;
      this.#words++;
      if ((word & 0xf00000) === 0) this.#zeroDigits++;
      this.#tops.add((word >>> 24) & 0x7f);
    }
  }

  /** Whether the samples are likely of the other kind. */
  contradicts(): boolean {
    if (this.sample.format.code === 1) return this.#zeroDigits > 4 + this.#words / 100;
    if (this.sample.format.code !== 5) return false;
    return this.#words >= ENOUGH_WORDS && this.#zeroDigits === 0 && this.#tops.size >= 3;
  }
}

import { exponentOf, type NumberFormat } from "../../graph/transforms/number-format";
import { type Step, stepSize } from "../../graph/transforms/scaled";

/**
 * Steps stand on a ladder of sixteen rungs an octave, 16 to 31 times a power of two: each half a decibel above the one
 * below, and short enough in binary that their multiples are exact in every floating-point format.
 */
export const RUNGS_PER_OCTAVE = 16;

/** Keeps every power of two on the way within a double's range. */
export const MIN_RUNG = -900 * RUNGS_PER_OCTAVE;
export const MAX_RUNG = 900 * RUNGS_PER_OCTAVE;

export function stepOf(rung: number): Step {
  const octave = Math.floor(rung / RUNGS_PER_OCTAVE);
  return { factor: RUNGS_PER_OCTAVE + (rung - octave * RUNGS_PER_OCTAVE), exponent: octave };
}

/** The highest rung whose step is at most `size`, for a positive `size`. */
export function rungBelow(size: number): number {
  const octave = Math.max(-900, Math.min(899, exponentOf(size) - 4));
  let rung = octave * RUNGS_PER_OCTAVE;
  while (rung < (octave + 1) * RUNGS_PER_OCTAVE - 1 && stepSize(stepOf(rung + 1)) <= size) rung++;
  return rung;
}

/** The step of a rung in a number format, or undefined where it would round nothing: integers have whole steps. */
export function stepFor(rung: number, format: NumberFormat): Step | undefined {
  if (!format.integer) return stepOf(rung);
  const size = Math.floor(stepSize(stepOf(rung)));
  return size >= 2 ? { factor: size, exponent: 0 } : undefined;
}

/** The next rung with another step, in a number format. */
export function rungAbove(rung: number, format: NumberFormat): number {
  const size = (at: number) => {
    const step = stepFor(at, format);
    return step ? stepSize(step) : 0;
  };
  let above = rung + 1;
  while (above < MAX_RUNG && size(above) === size(rung)) above++;
  return above;
}

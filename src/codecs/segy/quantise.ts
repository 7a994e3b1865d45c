import { type Step, stepSize } from "../../graph/transforms/scaled";
import { viewOf } from "../sniff";
import { commonStep } from "./lattice";
import { energy, errorEnergy, readSamples, type SampleFormat } from "./samples";
import { MIN_RUNG, RUNGS_PER_OCTAVE, stepFor } from "./steps";

/** A trace, read for quantising. */
export interface Trace {
  readonly values: Float64Array;
  /** Sum of squares; what is not a positive finite number leaves the trace as it is. */
  readonly signal: number;
  /** The largest step that all samples are multiples of already; 0 when there is none. */
  readonly grain: number;
}

export function readTrace(bytes: Uint8Array, sample: SampleFormat): Trace {
  const values = readSamples(bytes, sample);
  const grain = commonStep(values);
  return { values, signal: energy(values, sample), grain: grain ? stepSize(grain) : 0 };
}

/** A trace with its samples rounded to multiples of a step, in the file's own format. */
export interface Quantised {
  readonly bytes: Uint8Array;
  /** Sum of squared errors, of the numbers that the bytes hold. */
  readonly error: number;
}

/** The range of the integers that archives hold. */
const MAX_COUNT = 2 ** 31 - 1;

/** More lowering than this is no use: the trace stays as it is. */
const MAX_ATTEMPTS = 24;

/**
 * Quantises a trace with the largest step from `rung` downwards that keeps its signal above `floor` times the error.
 *
 * @param bytes the trace's samples; NaN and infinity are kept
 * @returns undefined where only the trace itself is good enough
 */
export function quantise(
  bytes: Uint8Array,
  { values, signal, grain }: Trace,
  sample: SampleFormat,
  rung: number,
  floor: number,
): Quantised | undefined {
  if (!(signal > 0 && signal < Number.POSITIVE_INFINITY)) return undefined;
  let at = rung;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && at >= MIN_RUNG; attempt++) {
    const step = stepFor(at, sample.format);
    // A coarser grain than the step costs no more bits as it is.
    if (!step || grain >= stepSize(step)) return undefined;
    const quantised = roundTo(step, bytes, values, sample);
    if (!quantised || quantised.error * floor <= signal) return quantised;
    // The error follows the step only roughly; later attempts are less patient.
    at -= rungsFor((quantised.error * floor) / signal) + attempt;
  }
  return undefined;
}

/** Error energy between neighbouring rungs, 4^(1/16), written out: an octave of steps has four times the energy. */
const RUNG_ENERGY = 1.0905077326652577;

/** Rungs to go down for so much less error energy. */
function rungsFor(excess: number): number {
  let rungs = 1;
  for (let left = excess; left > RUNG_ENERGY && rungs < 64 * RUNGS_PER_OCTAVE; left /= RUNG_ENERGY) rungs++;
  return rungs;
}

/** Undefined where a multiple does not fit the archive's integers or nothing would change. */
function roundTo(step: Step, bytes: Uint8Array, values: Float64Array, sample: SampleFormat): Quantised | undefined {
  const { format, bigEndian } = sample;
  const size = stepSize(step);
  const highest = format.integer ? Math.floor(format.integer.max / size) : MAX_COUNT;
  const lowest = format.integer ? Math.ceil(format.integer.min / size) : -MAX_COUNT;
  const output = new Uint8Array(bytes);
  const view = viewOf(output);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const count = Math.round(value / size);
    if (Math.abs(count) > MAX_COUNT) return undefined;
    const fitting = Math.max(lowest, Math.min(highest, count));
    // Adding 0 turns -0 into 0, which is what an archive's integer gives back.
    format.write(view, i * format.width, fitting * size + 0, !bigEndian);
  }
  const error = errorEnergy(values, readSamples(output, sample));
  return error > 0 && Number.isFinite(error) ? { bytes: output, error } : undefined;
}

import { type Step, stepSize } from "../../graph/transforms/scaled";
import { viewOf } from "../sniff";
import { commonStep } from "./lattice";
import { type Promised, windowOf } from "./quality";
import { energy, errorEnergy, readSamples, type SampleFormat } from "./samples";
import { MIN_RUNG, RUNGS_PER_OCTAVE, stepFor } from "./steps";

/** A trace, read for quantising. */
export interface Trace {
  readonly values: Float64Array;
  /** Sum of squares; what is not a positive finite number leaves the trace as it is. */
  readonly signal: number;
  /** The largest step that all samples are multiples of already; 0 when there is none. */
  readonly grain: number;
  readonly windows: readonly Window[];
}

/** Consecutive samples of a trace with a promise of their own. */
interface Window {
  readonly start: number;
  readonly end: number;
  readonly signal: number;
}

export function readTrace(bytes: Uint8Array, sample: SampleFormat): Trace {
  const values = readSamples(bytes, sample);
  const grain = commonStep(values);
  const windows: Window[] = [];
  const window = windowOf(values.length);
  for (let start = 0; start < values.length; start += window) {
    const end = Math.min(start + window, values.length);
    windows.push({ start, end, signal: energy(values.subarray(start, end), sample) });
  }
  return { values, signal: energy(values, sample), grain: grain ? stepSize(grain) : 0, windows };
}

/** A trace with its samples rounded to multiples of a step, in the file's own format. */
export interface Quantised {
  readonly bytes: Uint8Array;
  /** Sum of squared errors, of the numbers that the bytes hold. */
  readonly error: number;
  /** The worst ratio of signal to error of a window that is not silent. */
  readonly worstWindow: number;
}

/** How coarsely a trace may be rounded. */
export interface Limits {
  readonly rung: number;
  readonly promised: Promised;
  /** A window's energy per sample below which its promise is void. */
  readonly silence: number;
}

/** The range of the integers that archives hold. */
const MAX_COUNT = 2 ** 31 - 1;

/** More lowering than this is no use: the trace stays as it is. */
const MAX_ATTEMPTS = 24;

/**
 * Quantises a trace with the largest step from the rung downwards that keeps what is promised of a trace; windows that
 * would miss their own promise get a smaller step.
 *
 * @param bytes the trace's samples; NaN and infinity are kept
 * @returns undefined where only the trace itself is good enough
 */
export function quantise(
  bytes: Uint8Array,
  trace: Trace,
  sample: SampleFormat,
  limits: Limits,
): Quantised | undefined {
  const { signal } = trace;
  if (!(signal > 0 && signal < Number.POSITIVE_INFINITY)) return undefined;
  const floor = limits.promised.trace;
  let at = limits.rung;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && at >= MIN_RUNG; attempt++) {
    const quantised = quantiseWindows(bytes, trace, sample, { ...limits, rung: at });
    if (!quantised || quantised.error * floor <= signal) return quantised;
    // The error follows the step only roughly; later attempts are less patient.
    at -= rungsFor((quantised.error * floor) / signal) + attempt;
  }
  return undefined;
}

function quantiseWindows(
  bytes: Uint8Array,
  { values, grain, windows }: Trace,
  sample: SampleFormat,
  limits: Limits,
): Quantised | undefined {
  const step = stepFor(limits.rung, sample.format);
  // A coarser grain than the step costs no more bits as it is.
  if (!step || grain >= stepSize(step)) return undefined;
  const output = new Uint8Array(bytes);
  let error = 0;
  let worstWindow = Number.POSITIVE_INFINITY;
  for (const window of windows) {
    const { start, end, signal } = window;
    const from = start * sample.format.width;
    const to = end * sample.format.width;
    const ratio = signal <= limits.silence * (end - start) ? 0 : limits.promised.window;
    const written = output.subarray(from, to);
    const own = quantiseWindow(written, values.subarray(start, end), sample, limits.rung, signal, ratio);
    error += own;
    if (ratio > 0 && own > 0) worstWindow = Math.min(worstWindow, signal / own);
  }
  return error > 0 && Number.isFinite(error) ? { bytes: output, error, worstWindow } : undefined;
}

/** Windows are lowered by so many rungs at once, so that few steps occur. */
const WINDOW_RUNGS = 2;

/** Rounds a window in place, its signal above `floor` times its error. @returns the error; 0 where it is kept */
function quantiseWindow(
  bytes: Uint8Array,
  values: Float64Array,
  sample: SampleFormat,
  rung: number,
  signal: number,
  floor: number,
): number {
  const exact = new Uint8Array(bytes);
  let at = rung;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && at >= MIN_RUNG; attempt++) {
    const step = stepFor(at, sample.format);
    if (!step) break;
    const error = roundTo(step, bytes, values, sample);
    if (error === undefined) break;
    if (error * floor <= signal) return error;
    bytes.set(exact);
    const lower = Math.min(16, rungsFor((error * floor) / signal)) + attempt;
    at -= Math.ceil(lower / WINDOW_RUNGS) * WINDOW_RUNGS;
  }
  bytes.set(exact);
  return 0;
}

/** Error energy between neighbouring rungs, 4^(1/16), written out: an octave of steps has four times the energy. */
const RUNG_ENERGY = 1.0905077326652577;

/** Rungs to go down for so much less error energy. */
function rungsFor(excess: number): number {
  let rungs = 1;
  for (let left = excess; left > RUNG_ENERGY && rungs < 64 * RUNGS_PER_OCTAVE; left /= RUNG_ENERGY) rungs++;
  return rungs;
}

/** Rounds samples in place. @returns the error; undefined where a multiple does not fit the archive's integers */
function roundTo(step: Step, bytes: Uint8Array, values: Float64Array, sample: SampleFormat): number | undefined {
  const { format, bigEndian } = sample;
  const size = stepSize(step);
  const highest = format.integer ? Math.floor(format.integer.max / size) : MAX_COUNT;
  const lowest = format.integer ? Math.ceil(format.integer.min / size) : -MAX_COUNT;
  const view = viewOf(bytes);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const count = Math.round(value / size);
    if (Math.abs(count) > MAX_COUNT) return undefined;
    const fitting = Math.max(lowest, Math.min(highest, count));
    // Adding 0 turns -0 into 0, which is what an archive's integer gives back.
    format.write(view, i * format.width, fitting * size + 0, !bigEndian);
  }
  const error = errorEnergy(values, readSamples(bytes, sample));
  return Number.isFinite(error) ? error : undefined;
}

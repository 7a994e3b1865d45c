import { stepSize } from "../../graph/transforms/scaled";
import { type Promised, SILENCE } from "./quality";
import { quantise, type Trace } from "./quantise";
import type { SampleFormat } from "./samples";
import { MAX_RUNG, MIN_RUNG, RUNGS_PER_OCTAVE, rungAbove, rungBelow, stepFor } from "./steps";

/** What is known of a file before its samples are rounded. */
export interface Survey {
  readonly traces: number;
  readonly values: number;
  /** Sum of squares over the file. */
  readonly signal: number;
  readonly contradicts: boolean;
  /** Traces spread over the file, with their bytes. */
  readonly sampled: readonly SampledTrace[];
}

export interface SampledTrace {
  /** Number of the trace in the file. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly trace: Trace;
}

/** The steps of a file: traces before the border have the next larger one, so that the promise is met closely. */
export interface Ladder {
  readonly rung: number;
  /** Number of a trace. */
  readonly border: number;
}

/** What to try, the coarsest first: the sampled traces tell only roughly what the others need. */
export function* attempts({ rung, border }: Ladder): Generator<Ladder> {
  if (border > 0) yield* [border, Math.floor(0.9 * border)].map((border) => ({ rung, border }));
  for (let at = rung, lower = 1; at > MIN_RUNG; at -= lower, lower *= 2) yield { rung: at, border: 0 };
}

/** A window's energy per sample below which it is silent. */
export function silenceOf({ signal, values }: Survey): number {
  return values > 0 ? (signal / values) * SILENCE : 0;
}

/**
 * The highest rung that keeps the promise on the sampled traces, and as many traces of the next one as there is room
 * for. One step for all: for a given error over the file it needs the fewest bits; only traces and windows that would
 * fall below their own floor get a smaller one.
 */
export function chooseLadder(survey: Survey, sample: SampleFormat, promised: Promised): Ladder {
  const { sampled, signal, values } = survey;
  const sampledValues = sampled.reduce((sum, { trace }) => sum + trace.values.length, 0);
  if (!(signal > 0) || sampledValues === 0) return { rung: MIN_RUNG, border: 0 };
  const allowed = (signal / promised.file) * (sampledValues / values);
  const limits = { promised, silence: silenceOf(survey) };
  const errorsAt = (rung: number) =>
    sampled.map(({ bytes, trace }) => quantise(bytes, trace, sample, { ...limits, rung })?.error ?? 0);
  const keeps = (rung: number) => errorsAt(rung).reduce(add, 0) <= allowed;
  // Errors spread evenly over a step have a mean square of a twelfth of its square, less where samples are small.
  const low = Math.max(MIN_RUNG, rungBelow(Math.sqrt((12 * signal) / promised.file / values)) - 2);
  const rung = climb(low, Math.min(MAX_RUNG, low + 8 * RUNGS_PER_OCTAVE), keeps);
  const errors = errorsAt(rung);
  const coarser = errorsAt(rungAbove(rung, sample.format));
  let error = errors.reduce(add, 0);
  const room = sampled.findIndex((_, i) => {
    error += coarser[i]! - errors[i]!;
    return error > allowed;
  });
  const border = sampled[room]?.index ?? 0;
  const finer = [rung, rung - 1, rung - 2].filter((at) => at === rung || keeps(at));
  const ladders = [{ rung, border }, ...finer.map((rung) => ({ rung, border: 0 }))];
  const costs = ladders.map((ladder) => bitsOf(ladder, sampled, sample));
  return ladders[costs.indexOf(Math.min(...costs))]!;
}

function add(a: number, b: number): number {
  return a + b;
}

/** The highest rung from `low` to below `limit` that passes, where each that passes lets all below it pass. */
function climb(low: number, limit: number, passes: (rung: number) => boolean): number {
  let high = low + 1;
  for (let stride = 4; high < limit && passes(high); stride *= 2) {
    low = high;
    high += stride;
  }
  high = Math.min(high, limit);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Roughly the bits of the sampled traces: the entropy of differences from sample to sample. Where samples gather around
 * levels of their own, a smaller step may take fewer bits than a larger one.
 */
function bitsOf({ rung, border }: Ladder, sampled: readonly SampledTrace[], sample: SampleFormat): number {
  const below = sampled.filter(({ index }) => index < border);
  const others = sampled.filter(({ index }) => index >= border);
  return entropy(below, rungAbove(rung, sample.format), sample) + entropy(others, rung, sample);
}

function entropy(traces: readonly SampledTrace[], rung: number, { format }: SampleFormat): number {
  const step = stepFor(rung, format);
  const size = step ? stepSize(step) : 1;
  const counts = new Map<number, number>();
  let total = 0;
  for (const { trace } of traces) {
    let before = 0;
    for (const value of trace.values) {
      const multiple = Math.round(value / size);
      counts.set(multiple - before, (counts.get(multiple - before) ?? 0) + 1);
      before = multiple;
      total++;
    }
  }
  let bits = 0;
  for (const count of counts.values()) bits += count * Math.log2(total / count);
  return bits;
}

import { rmSync } from "node:fs";
import type { Source } from "../../graph/source";
import { numberFormat } from "../../graph/transforms/number-format";
import type { CodecRequest, Prepared, Scratch } from "../codec";
import { FileWriter } from "../file-writer";
import { readLayout, type SegyLayout, type TraceBatch, traceBatches } from "./layout";
import { decibels, type Promised, QUALITIES } from "./quality";
import { quantise, readTrace, type Trace } from "./quantise";
import { FormatWitness, type SampleFormat } from "./samples";
import { MAX_RUNG, MIN_RUNG, RUNGS_PER_OCTAVE, rungBelow } from "./steps";

/** Rounds the samples as coarsely as the quality allows; headers and all that is odd stay byte for byte. */
export async function prepare(source: Source, request: CodecRequest, scratch: Scratch): Promise<Prepared> {
  const promised = QUALITIES[String(request.params.quality)];
  if (!promised) return { lossless: true };
  const layout = await readLayout(source);
  if (!layout) return exactly("headers and samples cannot be told apart safely");
  const format = numberFormat(layout.header.formatCode);
  if (!format) return exactly(`samples of format ${layout.header.formatCode} are not rounded`);
  const sample = { format, bigEndian: layout.header.bigEndian };
  const survey = await surveyTraces(source, layout, sample);
  if (survey.contradicts) return exactly("the samples contradict the sample format that the header states");
  let lower = 1;
  for (let rung = chooseRung(survey, sample, promised); rung > MIN_RUNG; rung -= lower, lower *= 2) {
    const path = scratch.path();
    const outcome = await writeQuantised(source, layout, sample, rung, promised.trace, path);
    const kept = outcome.error * promised.file <= survey.signal;
    if (kept && outcome.error > 0) return { path, lossless: false, report: reportOf(survey, outcome) };
    rmSync(path);
    if (kept) break;
  }
  return { lossless: true, report: { traces: survey.traces, quantised_traces: 0 } };
}

function exactly(why: string): Prepared {
  return { lossless: true, report: { kept_exactly: why } };
}

/** Samples kept for trying out steps. */
const SAMPLED_VALUES = 1 << 20;

interface Survey {
  readonly traces: number;
  readonly values: number;
  /** Sum of squares over the file. */
  readonly signal: number;
  readonly contradicts: boolean;
  /** Traces spread over the file, with their bytes. */
  readonly sampled: readonly SampledTrace[];
}

interface SampledTrace {
  readonly bytes: Uint8Array;
  readonly trace: Trace;
}

/** Reads every trace once. Of those seen, every n-th is kept, n doubling whenever they become too many. */
async function surveyTraces(source: Source, layout: SegyLayout, sample: SampleFormat): Promise<Survey> {
  const witness = new FormatWitness(sample);
  let sampled: (SampledTrace & { index: number })[] = [];
  let stride = 1;
  let traces = 0;
  let values = 0;
  let signal = 0;
  for await (const batch of traceBatches(source, layout)) {
    for (const bytes of samplesOf(batch, layout)) {
      const trace = readTrace(bytes, sample);
      witness.watch(bytes);
      if (Number.isFinite(trace.signal)) signal += trace.signal;
      if (traces % stride === 0) sampled.push({ bytes: new Uint8Array(bytes), trace, index: traces });
      if (sampled.length > 1 && sampled.length * batch.samples > SAMPLED_VALUES) {
        stride *= 2;
        sampled = sampled.filter(({ index }) => index % stride === 0);
      }
      traces++;
      values += batch.samples;
    }
  }
  return { traces, values, signal, contradicts: witness.contradicts(), sampled };
}

/** The samples of each trace of a batch. */
function* samplesOf({ bytes, traceBytes, count }: TraceBatch, { header }: SegyLayout): Generator<Uint8Array> {
  for (let i = 0; i < count; i++)
    yield bytes.subarray(i * traceBytes + header.traceHeaderBytes, (i + 1) * traceBytes);
}

/**
 * The highest rung that keeps the promise on the sampled traces. One step for all: for a given error over the file
 * it needs the fewest bits; only traces that would fall below their own floor get a smaller one.
 */
function chooseRung(survey: Survey, sample: SampleFormat, promised: Promised): number {
  const { sampled, signal, values } = survey;
  const sampledValues = sampled.reduce((sum, { trace }) => sum + trace.values.length, 0);
  if (!(signal > 0) || sampledValues === 0) return MIN_RUNG;
  const allowed = (signal / promised.file) * (sampledValues / values);
  const keeps = (rung: number) => {
    let error = 0;
    for (const { bytes, trace } of sampled)
      error += quantise(bytes, trace, sample, rung, promised.trace)?.error ?? 0;
    return error <= allowed;
  };
  // Errors spread evenly over a step have a mean square of a twelfth of its square, less where samples are small.
  const low = Math.max(MIN_RUNG, rungBelow(Math.sqrt((12 * signal) / promised.file / values)) - 2);
  return climb(low, Math.min(MAX_RUNG, low + 8 * RUNGS_PER_OCTAVE), keeps);
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

interface Outcome {
  /** Sum of squared errors over the file as it was written. */
  error: number;
  quantised: number;
  /** The worst ratio of signal to error of a trace. */
  worst: number;
}

/** Writes the file with its samples rounded to steps of at most `rung`. */
async function writeQuantised(
  source: Source,
  layout: SegyLayout,
  sample: SampleFormat,
  rung: number,
  floor: number,
  path: string,
): Promise<Outcome> {
  const outcome: Outcome = { error: 0, quantised: 0, worst: Number.POSITIVE_INFINITY };
  const writer = new FileWriter(path);
  try {
    let at = await copy(source, 0, layout.start, writer);
    for await (const batch of traceBatches(source, layout)) {
      const bytes = new Uint8Array(batch.bytes);
      for (const samples of samplesOf({ ...batch, bytes }, layout)) {
        const trace = readTrace(samples, sample);
        const quantised = quantise(samples, trace, sample, rung, floor);
        if (!quantised) continue;
        samples.set(quantised.bytes);
        outcome.error += quantised.error;
        outcome.worst = Math.min(outcome.worst, trace.signal / quantised.error);
        outcome.quantised++;
      }
      writer.write(bytes);
      at += bytes.length;
    }
    await copy(source, at, source.size, writer);
  } finally {
    writer.finish();
  }
  return outcome;
}

const COPY_BYTES = 1 << 20;

async function copy(source: Source, start: number, end: number, writer: FileWriter): Promise<number> {
  for (let at = start; at < end; at += COPY_BYTES) {
    writer.write(await source.read(at, Math.min(COPY_BYTES, end - at)));
  }
  return end;
}

function reportOf(survey: Survey, { error, worst, quantised }: Outcome): NonNullable<Prepared["report"]> {
  return {
    snr_db: decibels(survey.signal / error),
    worst_trace_snr_db: decibels(worst),
    traces: survey.traces,
    quantised_traces: quantised,
  };
}

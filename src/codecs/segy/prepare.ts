import { rmSync } from "node:fs";
import type { Source } from "../../graph/source";
import { numberFormat } from "../../graph/transforms/number-format";
import type { CodecRequest, Prepared, Scratch } from "../codec";
import { FileWriter } from "../file-writer";
import { attempts, chooseLadder, type Ladder, type SampledTrace, type Survey, silenceOf } from "./ladder";
import { readLayout, type SegyLayout, type TraceBatch, traceBatches } from "./layout";
import { decibels, QUALITIES, windowOf } from "./quality";
import { type Limits, quantise, readTrace } from "./quantise";
import { FormatWitness, type SampleFormat } from "./samples";
import { rungAbove } from "./steps";

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
  for (const ladder of attempts(chooseLadder(survey, sample, promised))) {
    const path = scratch.path();
    const limits = { ladder, promised, silence: silenceOf(survey) };
    const outcome = await writeQuantised(source, layout, sample, limits, path);
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

/** Reads every trace once. Of those seen, every n-th is kept, n doubling whenever they become too many. */
async function surveyTraces(source: Source, layout: SegyLayout, sample: SampleFormat): Promise<Survey> {
  const witness = new FormatWitness(sample);
  let sampled: SampledTrace[] = [];
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

interface Outcome {
  /** Sum of squared errors over the file as it was written. */
  error: number;
  quantised: number;
  /** The worst ratio of signal to error of a trace, and of a window. */
  worst: number;
  worstWindow: number;
  /** Samples of a window of the last trace. */
  window: number;
}

/** Writes the file with its samples rounded to steps of at most those of the ladder. */
async function writeQuantised(
  source: Source,
  layout: SegyLayout,
  sample: SampleFormat,
  { ladder, ...limits }: Omit<Limits, "rung"> & { readonly ladder: Ladder },
  path: string,
): Promise<Outcome> {
  const unharmed = Number.POSITIVE_INFINITY;
  const outcome: Outcome = { error: 0, quantised: 0, worst: unharmed, worstWindow: unharmed, window: 0 };
  const coarser = rungAbove(ladder.rung, sample.format);
  let index = 0;
  const writer = new FileWriter(path);
  try {
    let at = await copy(source, 0, layout.start, writer);
    for await (const batch of traceBatches(source, layout)) {
      const bytes = new Uint8Array(batch.bytes);
      for (const samples of samplesOf({ ...batch, bytes }, layout)) {
        const trace = readTrace(samples, sample);
        const rung = index++ < ladder.border ? coarser : ladder.rung;
        const quantised = quantise(samples, trace, sample, { ...limits, rung });
        if (!quantised) continue;
        samples.set(quantised.bytes);
        outcome.error += quantised.error;
        outcome.worst = Math.min(outcome.worst, trace.signal / quantised.error);
        outcome.worstWindow = Math.min(outcome.worstWindow, quantised.worstWindow);
        outcome.window = windowOf(batch.samples);
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

function reportOf(
  survey: Survey,
  { error, worst, worstWindow, window, quantised }: Outcome,
): NonNullable<Prepared["report"]> {
  return {
    snr_db: decibels(survey.signal / error),
    worst_trace_snr_db: decibels(worst),
    ...(Number.isFinite(worstWindow) && { worst_window_snr_db: decibels(worstWindow), window_samples: window }),
    traces: survey.traces,
    quantised_traces: quantised,
  };
}

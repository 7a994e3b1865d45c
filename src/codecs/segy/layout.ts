import type { Source } from "../../graph/source";
import { latin1 } from "../sniff";
import { HEADER_BYTES, readHeader, type SegyHeader, TEXT_BYTES, traceSamples } from "./header";

/** Where a SEG-Y file keeps its traces. */
export interface SegyLayout {
  readonly header: SegyHeader;
  /** Offset of the first trace. */
  readonly start: number;
  /** Where traces end: the file's end, or its trailer. */
  readonly end: number;
  /** Samples of every trace; undefined when each trace says its own number. */
  readonly samples?: number;
}

/** Consecutive whole traces with the same number of samples. */
export interface TraceBatch {
  readonly offset: number;
  readonly count: number;
  readonly samples: number;
  /** Of one trace, headers included. */
  readonly traceBytes: number;
  readonly bytes: Uint8Array;
}

export const BATCH_BYTES = 4 << 20;

/** Longer traces are left alone, so that memory stays bounded. */
const MAX_TRACE_BYTES = 4 << 20;

const MAX_EXTENDED_TEXTS = 1024;

/** Finds the traces; undefined where headers and length contradict each other, for then nothing may be touched. */
export async function readLayout(source: Source): Promise<SegyLayout | undefined> {
  const header = readHeader(await source.read(0, HEADER_BYTES));
  if (typeof header === "string") return undefined;
  const start = await firstTrace(source, header);
  const end = source.size - TEXT_BYTES * Math.max(0, header.trailers);
  if (start === undefined || start > end) return undefined;
  const layout = { header, start, end };
  const fixed = { ...layout, samples: header.samples };
  const verdict = await judgeOneLength(source, layout);
  if (verdict === "sure") return fixed;
  return (await variableLayout(source, layout)) ?? (verdict === "likely" ? fixed : undefined);
}

async function firstTrace(source: Source, header: SegyHeader): Promise<number | undefined> {
  if (header.extendedTexts >= 0) return HEADER_BYTES + TEXT_BYTES * header.extendedTexts;
  for (let i = 0; i < MAX_EXTENDED_TEXTS; i++) {
    const text = await source.read(HEADER_BYTES + i * TEXT_BYTES, TEXT_BYTES);
    if (text.length < TEXT_BYTES) return undefined;
    if (isEndStanza(text)) return HEADER_BYTES + (i + 1) * TEXT_BYTES;
  }
  return undefined;
}

/** `((SEG: EndText))` in ASCII or EBCDIC. */
function isEndStanza(text: Uint8Array): boolean {
  const ascii = /^\(\(SEG:\s*EndText\s*\)\)/i;
  const ebcdic = /^MM\xe2\xc5\xc7z@*[\xc5\x85][\xd5\x95][\xc4\x84][\xe3\xa3][\xc5\x85][\xe7\xa7][\xe3\xa3]@*\]\]/;
  return ascii.test(latin1(text)) || ebcdic.test(latin1(text));
}

/** How many traces are looked at to see whether their headers agree with a length for all. */
const SPOT_CHECKS = 64;

/**
 * Whether all traces are as long as the binary header says, by the file's length and by what trace headers at those
 * places say. Likely is a file of the right length whose trace headers agree on another number: a relic of the data
 * that it was cut from.
 */
async function judgeOneLength(source: Source, layout: SegyLayout): Promise<"sure" | "likely" | "no"> {
  const { header, start, end } = layout;
  const traceBytes = header.traceHeaderBytes + header.samples * header.sampleBytes;
  const whole = Math.floor((end - start) / traceBytes);
  const even = (end - start) % traceBytes === 0;
  if (header.samples === 0 || whole === 0) return "no";
  if (even && header.fixedLength) return "sure";
  const stated = new Set<number>();
  const stride = even ? Math.max(1, Math.floor(whole / SPOT_CHECKS)) : 1;
  for (let i = 0; i < whole && stated.size < 3; i += stride) {
    stated.add(traceSamples(await source.read(start + i * traceBytes, 240), header.bigEndian));
  }
  if ([...stated].every((samples) => samples === 0 || samples === header.samples)) return "sure";
  return even && stated.size === 1 ? "likely" : "no";
}

/** Traces that say their own length must lead exactly to the end. */
async function variableLayout(source: Source, layout: SegyLayout): Promise<SegyLayout | undefined> {
  let at = layout.start;
  for await (const batch of traceBatches(source, layout)) at = batch.offset + batch.count * batch.traceBytes;
  return at === layout.end && at > layout.start ? layout : undefined;
}

/** Reads the traces in batches; ends before a trace that is cut off, too long or of no length. */
export async function* traceBatches(source: Source, layout: SegyLayout): AsyncGenerator<TraceBatch> {
  const { header, end } = layout;
  // Where lengths change often, many batches lie in what was read for the first of them.
  let chunk: { offset: number; bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array() };
  const read = async (offset: number, length: number) => {
    if (offset + length > chunk.offset + chunk.bytes.length) {
      chunk = { offset, bytes: await source.read(offset, Math.min(end - offset, Math.max(BATCH_BYTES, length))) };
    }
    return chunk.bytes.subarray(offset - chunk.offset);
  };
  let at = layout.start;
  while (end - at >= header.traceHeaderBytes) {
    const samples = samplesOf(await read(at, header.traceHeaderBytes), layout);
    const traceBytes = header.traceHeaderBytes + samples * header.sampleBytes;
    if (samples === 0 || traceBytes > MAX_TRACE_BYTES || at + traceBytes > end) return;
    let bytes = await read(at, traceBytes);
    let count = countAlike(bytes, traceBytes, samples, layout);
    if (chunk.offset < at && (count + 1) * traceBytes > bytes.length) {
      bytes = await read(at, Math.min(end - at, BATCH_BYTES));
      count = countAlike(bytes, traceBytes, samples, layout);
    }
    yield { offset: at, count, samples, traceBytes, bytes: bytes.subarray(0, count * traceBytes) };
    at += count * traceBytes;
  }
}

function samplesOf(traceHeader: Uint8Array, { header, samples }: SegyLayout): number {
  return samples ?? (traceSamples(traceHeader, header.bigEndian) || header.samples);
}

/** How many whole traces from the first on have its number of samples. */
function countAlike(bytes: Uint8Array, traceBytes: number, samples: number, layout: SegyLayout): number {
  let count = 1;
  for (let at = traceBytes; at + traceBytes <= bytes.length; at += traceBytes, count++) {
    if (samplesOf(bytes.subarray(at, at + layout.header.traceHeaderBytes), layout) !== samples) break;
  }
  return count;
}

import {
  BLOCK_BYTES,
  general,
  type Level,
  MAX_SEGMENT_BYTES,
  type PlanBytes,
  type PlanNode,
  type Segment,
} from "../graph/plan";
import type { Source } from "../graph/source";
import { type Effort, structuredParams } from "../kernels/models/structured";
import { PROBE_BYTES } from "./codec";
import { lastLineEnd } from "./cuts";

/** What a record holds is told best by many records before it; the faster levels work on several segments at once. */
const SEGMENT_BYTES: Record<Level, number> = { fast: BLOCK_BYTES, balanced: BLOCK_BYTES, max: MAX_SEGMENT_BYTES };

/** A text may hold one control character, other than line ends, tabs and escapes, in so many bytes. */
const BYTES_PER_CONTROL = 50;

export interface RecordOptions {
  readonly level: Level;
  /** What level max asks of each byte. */
  readonly effort: Effort;
  /** Whether the source holds BSON. */
  readonly bson?: boolean;
}

/**
 * Plans logs, dumps and JSON as long segments of whole lines. A segment that opens with neither text nor, if `bson`,
 * with BSON is left to the general model.
 */
export async function* textRecordSegments(source: Source, options: RecordOptions): AsyncGenerator<Segment> {
  const { level, effort, bson } = options;
  for (let offset = 0; offset < source.size; ) {
    const target = offset + SEGMENT_BYTES[level];
    const end = target >= source.size ? source.size : await lastLineEnd(source, target);
    const range = { offset, length: end - offset };
    const head = await source.read(offset, Math.min(range.length, PROBE_BYTES));
    const known = bson || looksLikeText(head);
    yield { length: range.length, root: known ? structured(range, level, effort) : general(range) };
    offset = end;
  }
}

function structured(data: PlanBytes, level: Level, effort: Effort): PlanNode {
  if (level !== "max") return { kind: "model", model: "columns", data };
  return { kind: "model", model: "structured", params: structuredParams(effort), data };
}

function looksLikeText(bytes: Uint8Array): boolean {
  const controls = bytes.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  return controls * BYTES_PER_CONTROL <= bytes.length || looksWide(bytes);
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1b);
}

/** UTF-16 whose characters are nearly all ASCII: every second byte is zero. */
function looksWide(bytes: Uint8Array): boolean {
  const zeros = [0, 0];
  bytes.forEach((byte, at) => {
    if (byte === 0) zeros[at & 1]!++;
  });
  const [few, many] = zeros.sort((a, b) => a - b) as [number, number];
  return many * 5 > bytes.length * 2 && few * 20 < bytes.length;
}

import {
  BLOCK_BYTES,
  type ByteRange,
  type Level,
  MAX_SEGMENT_BYTES,
  type PlanBytes,
  type PlanNode,
  type Segment,
} from "../graph/plan";
import type { Source } from "../graph/source";
import { columns } from "../kernels/models/columns";
import { type Effort, structuredParams } from "../kernels/models/structured";
import { lastLineEnd } from "./cuts";
import { SAMPLE_BYTES, STRETCH_BYTES, type Texture, textureOf } from "./texture";
import { codedBytes } from "./trial";

/** What a record holds is told best by many records before it; the faster levels work on several segments at once. */
const SEGMENT_BYTES: Record<Level, number> = { fast: BLOCK_BYTES, balanced: BLOCK_BYTES, max: MAX_SEGMENT_BYTES };

/**
 * Where columns leave so little of a text, they may tell the rest even better than contexts do: numbers that all move a
 * little from record to record. Only there are both tried, since the trial takes as long as coding what is tried.
 */
const REPETITIVE_SHARE = 0.01;
const GLANCE_BYTES = 1 << 20;
const TRIED_BYTES = 1 << 20;
/** Columns come back at twenty times the speed, so contexts have to save at least this share to be worth it. */
const WORTHWHILE_SHARE = 0.02;

const NO_PARAMS = new Uint8Array(0);

export interface RecordOptions {
  readonly level: Level;
  /** What level max asks of each byte. */
  readonly effort: Effort;
  /** Whether the source holds BSON. */
  readonly bson?: boolean;
}

/**
 * Plans logs, dumps and JSON as long segments of whole lines. Where the source turns out to hold something else, it is
 * cut, and a faster model takes that: what cannot be foretold takes the longest to code.
 */
export async function* textRecordSegments(source: Source, options: RecordOptions): AsyncGenerator<Segment> {
  for (let offset = 0; offset < source.size; ) {
    const { end, texture } = await nextSegment(source, offset, options);
    const range = { offset, length: end - offset };
    yield { length: range.length, root: await planned(source, range, texture, options) };
    offset = end;
  }
}

/** The longest segment from `offset` on whose stretches are alike. */
async function nextSegment(source: Source, offset: number, { level, bson }: RecordOptions) {
  const target = offset + SEGMENT_BYTES[level];
  const most = target >= source.size ? source.size : await lastLineEnd(source, target);
  const textureAt = async (at: number) => {
    const found = textureOf(await source.read(at, Math.min(SAMPLE_BYTES, source.size - at)), bson === true);
    // The faster levels take as long for these as for any text.
    return found === "speckled" && level !== "max" ? "text" : found;
  };
  const texture = await textureAt(offset);
  let end = offset + STRETCH_BYTES;
  while (end < most && (await textureAt(end)) === texture) end += STRETCH_BYTES;
  return { end: Math.min(end, most), texture };
}

async function planned(
  source: Source,
  data: ByteRange,
  texture: Texture,
  { level, effort }: RecordOptions,
): Promise<PlanNode> {
  if (texture === "noise" || (texture === "binary" && level !== "max"))
    return { kind: "model", model: "zstd", data };
  if (texture === "binary") return { kind: "model", model: "bwt", data };
  const told = (bytes: PlanBytes): PlanNode => ({ kind: "model", model: "columns", data: bytes });
  if (level !== "max") return told(data);
  const params = structuredParams(texture === "speckled" ? "light" : effort);
  const modelled = (bytes: PlanBytes): PlanNode => ({ kind: "model", model: "structured", params, data: bytes });
  const head = await source.read(data.offset, Math.min(data.length, TRIED_BYTES));
  if (!isRepetitive(head)) return modelled(data);
  const byColumns = codedBytes(told(head), level);
  return codedBytes(modelled(head), level) < byColumns * (1 - WORTHWHILE_SHARE) ? modelled(data) : told(data);
}

function isRepetitive(text: Uint8Array): boolean {
  const glance = text.subarray(0, GLANCE_BYTES);
  return columns.encode(glance, NO_PARAMS, "fast").length < REPETITIVE_SHARE * glance.length;
}

import {
  BLOCK_BYTES,
  generalSegments,
  type Level,
  type ModelLeaf,
  type PlanBytes,
  type Segment,
} from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { CodecRequest } from "../codec";
import { lastLineEnd } from "../cuts";
import { hasMagic } from "../sniff";
import { unwrapSegments } from "../unwrap";
import { alignmentSegments } from "./alignments";
import { bam } from "./bam";
import { bgzfSegments, isBgzf } from "./bgzf";
import { Engines } from "./engines";
import { zlibSegment } from "./gzip";
import { lineEnd, recordEnd } from "./records";
import { samNode } from "./sam";
import { modelOf } from "./text-model";

const GZIP_MAGIC = [0x1f, 0x8b];
const HEAD_BYTES = 16;

/** Long enough for models to learn from, short enough for several workers and their memory. */
const SEGMENT_BYTES = 16 << 20;

/** SAM is taken apart in memory, beside the records that come of it. */
const SAM_SEGMENT_BYTES = BLOCK_BYTES;

/** How much of a segment is looked at to choose its model. */
const SAMPLE_BYTES = 256 << 10;

/** How far back from a segment's end the end of a record is looked for: reads may be long. */
const SEARCH_BYTES = 1 << 20;

/** Plans text by records; what is compressed is taken apart first; other binary formats are left to the general model. */
export async function* planDna(source: Source, { format, level }: CodecRequest): AsyncGenerator<Segment> {
  const head = await source.read(0, HEAD_BYTES);
  if (hasMagic(head, GZIP_MAGIC)) yield* compressedSegments(source, head, format, level);
  else if (format !== bam.name) yield* textSegments(source);
  else if (isText(head)) yield* samSegments(source);
  else yield* generalSegments(0, source.size);
}

async function* compressedSegments(
  source: Source,
  head: Uint8Array,
  format: string,
  level: Level,
): AsyncGenerator<Segment> {
  const modelled = (content: Uint8Array) => leaf(content, content);
  if (format !== bam.name) {
    if (isBgzf(head)) return yield* bgzfSegments(source, new Engines(), modelled);
    const segment = await zlibSegment(source, modelled);
    if (segment) yield segment;
    else yield* unwrapSegments(source, { modelled, level });
    return;
  }
  // Taking blocks apart takes longer than all else at the fast level.
  if (level === "fast") yield* generalSegments(0, source.size);
  else if (isBgzf(head)) yield* alignmentSegments(source);
  else yield* unwrapSegments(source, { level, modelled: samNode });
}

/** What CRAM is not. */
function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13));
}

async function* samSegments(source: Source): AsyncGenerator<Segment> {
  for (let offset = 0; offset < source.size; ) {
    const target = offset + SAM_SEGMENT_BYTES;
    const end = target >= source.size ? source.size : await lastLineEnd(source, target);
    yield { length: end - offset, root: samNode(await source.read(offset, end - offset)) };
    offset = end;
  }
}

async function* textSegments(source: Source): AsyncGenerator<Segment> {
  for (let offset = 0; offset < source.size; ) {
    const length = await segmentLength(source, offset);
    const sample = await source.read(offset, Math.min(length, SAMPLE_BYTES));
    yield { length, root: leaf({ offset, length }, sample) };
    offset += length;
  }
}

async function segmentLength(source: Source, offset: number): Promise<number> {
  const target = offset + SEGMENT_BYTES;
  if (target >= source.size) return source.size - offset;
  const from = target - SEARCH_BYTES;
  const bytes = await source.read(from, SEARCH_BYTES);
  return from + (recordEnd(bytes) ?? lineEnd(bytes) ?? bytes.length) - offset;
}

/** @param sample the beginning of the data */
function leaf(data: PlanBytes, sample: Uint8Array): ModelLeaf {
  return { kind: "model", model: modelOf(sample.subarray(0, SAMPLE_BYTES)), data };
}

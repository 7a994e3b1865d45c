import { general, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type ZlibUse, zlibParams } from "../../graph/transforms/zlib";
import { deflateStream } from "../../kernels/recompress/deflaters";
import { gzipHeaderLength } from "../unwrap/deflated";
import { inflateWhole } from "../unwrap/inflate";

/** Larger files are not read as a whole. */
const MAX_FILE_BYTES = 16 << 20;
const MAX_PLAIN_BYTES = 24 << 20;

/** Checksum and length behind the stream (RFC 1952, section 2.3.1). */
const TAIL_BYTES = 8;

/** By how much of a content the encoder is found out. */
const TRIAL_BYTES = 512 << 10;
/** What the end of a trial may owe to its being one. */
const TRIAL_MARGIN = 64 << 10;

/** Bytes between partial flushes that writers are known for: none, and blocks of 64 KiB less 256. */
const PIECES = [0, 0xff00];

/** The levels by how likely they are, given what a header says of the effort (RFC 1952, section 2.3.1.2). */
function levelsFor(effort: number): readonly number[] {
  if (effort === 4) return [1];
  return effort === 2 ? [9] : [6, 5, 4, 7, 8, 3, 2, 1, 9];
}

/**
 * A gzip file of one member as what zlib made of its content.
 *
 * @param modelled plans the content
 * @returns undefined when the file is of another kind or zlib is not its maker
 */
export async function zlibSegment(
  source: Source,
  modelled: (content: Uint8Array) => PlanNode,
): Promise<Segment | undefined> {
  if (source.size > MAX_FILE_BYTES) return undefined;
  const bytes = await source.read(0, source.size);
  const start = gzipHeaderLength(bytes, 0);
  if (start === undefined || start + TAIL_BYTES >= bytes.length) return undefined;
  const stream = bytes.subarray(start, bytes.length - TAIL_BYTES);
  const plain = inflateWhole(stream, MAX_PLAIN_BYTES);
  const use = plain && useOf(stream, plain, bytes[8]!);
  if (!use) return undefined;
  const inputs: PlanNode[] = [
    general(bytes.subarray(0, start)),
    { kind: "transform", transform: "zlib", params: zlibParams(use, stream.length), inputs: [modelled(plain)] },
    general(bytes.subarray(bytes.length - TAIL_BYTES)),
  ];
  return { length: bytes.length, root: { kind: "transform", transform: "concat", inputs } };
}

function useOf(stream: Uint8Array, plain: Uint8Array, effort: number): ZlibUse | undefined {
  for (const level of levelsFor(effort)) {
    for (const piece of PIECES) {
      const trial = deflateStream(level, piece, plain.subarray(0, TRIAL_BYTES));
      const likely = plain.length > TRIAL_BYTES ? Math.max(0, trial.length - TRIAL_MARGIN) : trial.length;
      if (Buffer.compare(trial.subarray(0, likely), stream.subarray(0, likely)) !== 0) continue;
      if (Buffer.compare(deflateStream(level, piece, plain), stream) === 0) return { level, piece };
    }
  }
  return undefined;
}

import {
  BLOCK_BYTES,
  type ByteRange,
  general,
  type Level,
  type PlanBytes,
  type PlanNode,
  type Segment,
} from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams } from "../../graph/transforms/planes";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { tensorParams } from "../../kernels/models/tensor-layout";
import { ELEMENTS, type Layout, type Region } from "./layout";

/** What is modelled with care at the level balanced: tensors of up to so many bytes, of so many bytes together. */
const CAREFUL = { tensorBytes: 320 << 10, fileBytes: 4 << 20 };

/** A piece of a segment: elements of one tensor, or bytes that are none of ours. */
interface Piece {
  readonly length: number;
  readonly region?: Region;
}

/**
 * Cuts a weights file into segments. In each, the elements of one type lie together: exponents repeat, mantissas
 * hardly do, and mixed with other things they hide each other.
 */
export async function* planWeights(source: Source, { regions }: Layout, level: Level): AsyncGenerator<Segment> {
  const careful = carefulRegions(regions, level);
  let first = 0;
  for (let offset = 0; offset < source.size; ) {
    while (first < regions.length && endOf(regions[first]!) <= offset) first++;
    const pieces = piecesAt(offset, source.size, regions, first);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    yield { length, root: await weavePieces(source, { offset, length }, pieces, careful) };
    offset += length;
  }
}

/**
 * The tensors that are modelled with care rather than quickly. Small ones are many but hold little of a model of
 * gigabytes, whose speed is hardly less for them.
 */
function carefulRegions(regions: readonly Region[], level: Level): ReadonlySet<Region> {
  if (level === "max") return new Set(regions);
  let left = level === "balanced" ? CAREFUL.fileBytes : 0;
  const isCareful = ({ length }: Region) => {
    if (length > CAREFUL.tensorBytes || length > left) return false;
    left -= length;
    return true;
  };
  return new Set(regions.filter(isCareful));
}

function endOf({ offset, length }: ByteRange): number {
  return offset + length;
}

/** The pieces of the segment at `start`, about a block's length; elements are never cut. */
function piecesAt(start: number, size: number, regions: readonly Region[], first: number): Piece[] {
  const end = Math.min(size, start + BLOCK_BYTES);
  const pieces: Piece[] = [];
  let at = start;
  for (let i = first; at < end; i++) {
    const region = regions[i];
    const begin = Math.min(region?.offset ?? end, end);
    if (begin > at) pieces.push({ length: begin - at });
    at = Math.max(at, begin);
    if (!region || at >= end) break;
    const length = Math.min(endOf(region), end) - at;
    const whole = length - ((at + length - region.offset) % ELEMENTS[region.type].width);
    if (whole > 0) pieces.push({ length: whole, region });
    at += whole;
    if (whole < length) break;
  }
  return pieces;
}

/** What is coded together: elements of one type, or bytes that are no elements. */
interface Stream {
  readonly region?: Region;
  readonly isCareful: boolean;
  /** Bytes of each tensor's piece. */
  readonly lengths: number[];
  /** Where they are, as few as may be. */
  readonly ranges: ByteRange[];
}

/** The streams of a segment in the order in which they first occur. */
class Streams {
  readonly #streams = new Map<string, Stream>();

  constructor(readonly careful: ReadonlySet<Region>) {}

  /** @returns the stream's place among all */
  add(range: ByteRange, region?: Region): number {
    const isCareful = region !== undefined && this.careful.has(region);
    const key = region ? `${region.type} ${region.bigEndian} ${isCareful}` : "";
    if (!this.#streams.has(key)) this.#streams.set(key, { region, isCareful, lengths: [], ranges: [] });
    const { lengths, ranges } = this.#streams.get(key)!;
    const last = ranges.at(-1);
    lengths.push(range.length);
    if (last && endOf(last) === range.offset) {
      ranges[ranges.length - 1] = { offset: last.offset, length: last.length + range.length };
    } else {
      ranges.push(range);
    }
    return [...this.#streams.keys()].indexOf(key);
  }

  get all(): readonly Stream[] {
    return [...this.#streams.values()];
  }
}

async function weavePieces(
  source: Source,
  { offset, length }: ByteRange,
  pieces: readonly Piece[],
  careful: ReadonlySet<Region>,
): Promise<PlanNode> {
  const streams = new Streams(careful);
  const runs: Run[] = [];
  let at = offset;
  for (const { length, region } of pieces) {
    const input = streams.add({ offset: at, length }, region);
    const last = runs.at(-1);
    if (last?.input === input) runs[runs.length - 1] = { input, length: last.length + length };
    else runs.push({ input, length });
    at += length;
  }
  // What lies in one place is left to the worker to read: most of a large file does.
  const isScattered = streams.all.some(({ ranges }) => ranges.length > 1);
  const bytes = isScattered ? await source.read(offset, length) : undefined;
  const dataOf = ({ ranges }: Stream) => (ranges.length > 1 ? gather(bytes!, offset, ranges) : ranges[0]!);
  const inputs = streams.all.map((stream) => nodeOf(stream, dataOf(stream)));
  if (inputs.length === 1) return inputs[0]!;
  return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
}

/** @param start where `bytes` begin in the file */
function gather(bytes: Uint8Array, start: number, ranges: readonly ByteRange[]): Uint8Array {
  const gathered = new Uint8Array(ranges.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { offset, length } of ranges) {
    gathered.set(bytes.subarray(offset - start, offset - start + length), at);
    at += length;
  }
  return gathered;
}

function nodeOf({ region, isCareful, lengths }: Stream, data: PlanBytes): PlanNode {
  if (!region) return general(data);
  const { width, exponent, signed } = ELEMENTS[region.type];
  const { bigEndian } = region;
  if (!isCareful) {
    const params = planesParams({ width, bigEndian, rotate: exponent > 0 && width > 1 });
    return { kind: "model", model: "elements", params, data };
  }
  const counts = lengths.map((length) => length / width);
  const params = tensorParams({ width, exponent, signed, bigEndian, counts });
  return { kind: "model", model: "tensor", params, data };
}

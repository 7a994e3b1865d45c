import { BLOCK_BYTES, type ByteRange, general, type Level, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { ELEMENTS, type Layout, type Region } from "./layout";
import { chooseManners, type Manner, mannerNode } from "./manner";

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
  const manners = await chooseManners(source, regions, level);
  let first = 0;
  for (let offset = 0; offset < source.size; ) {
    while (first < regions.length && endOf(regions[first]!) <= offset) first++;
    const pieces = piecesAt(offset, source.size, regions, first);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    yield { length, root: await weavePieces(source, { offset, length }, pieces, manners) };
    offset += length;
  }
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

/** What is coded together: elements of one type in one manner, or bytes that are no elements. */
interface Stream {
  readonly region?: Region;
  readonly manner: Manner;
  /** Bytes of each tensor's piece. */
  readonly lengths: number[];
  /** Where they are, as few as may be. */
  readonly ranges: ByteRange[];
}

/** The streams of a segment in the order in which they first occur. */
class Streams {
  readonly #streams = new Map<string, Stream>();

  constructor(readonly manners: ReadonlyMap<Region, Manner>) {}

  /** @returns the stream's place among all */
  add(range: ByteRange, region?: Region): number {
    const manner = region ? this.manners.get(region)! : "general";
    const key = region ? `${region.type} ${region.bigEndian} ${manner}` : "";
    if (!this.#streams.has(key)) this.#streams.set(key, { region, manner, lengths: [], ranges: [] });
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
  manners: ReadonlyMap<Region, Manner>,
): Promise<PlanNode> {
  const streams = new Streams(manners);
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
  const isReadHere = ({ ranges, manner }: Stream) => ranges.length > 1 || manner === "planes";
  const bytes = streams.all.some(isReadHere) ? await source.read(offset, length) : undefined;
  const inputs = streams.all.map((stream) => {
    const { region, manner, lengths, ranges } = stream;
    const data = isReadHere(stream) ? gather(bytes!, offset, ranges) : ranges[0]!;
    if (!region) return general(data);
    return mannerNode(
      manner,
      region,
      data,
      lengths.map((length) => length / ELEMENTS[region.type].width),
    );
  });
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

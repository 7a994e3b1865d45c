import { BLOCK_BYTES, general, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { FLOATS, type FloatType, type Layout, type Region } from "./layout";

/** A piece of a segment: elements of one kind, or bytes that are none of ours. */
interface Piece {
  readonly length: number;
  readonly region?: Region;
}

/**
 * Cuts a weights file into segments. In each, the elements of one type lie together as byte planes, each coded on
 * its own: exponents repeat, mantissas hardly do, and mixed they hide each other.
 */
export async function* planWeights(source: Source, { regions }: Layout): AsyncGenerator<Segment> {
  let first = 0;
  for (let offset = 0; offset < source.size; ) {
    while (first < regions.length && endOf(regions[first]!) <= offset) first++;
    const pieces = piecesAt(offset, source.size, regions, first);
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (pieces.some(({ region }) => region)) {
      yield { length, root: weavePieces(await source.read(offset, length), pieces) };
    } else {
      yield { length, root: general({ offset, length }) };
    }
    offset += length;
  }
}

function endOf({ offset, length }: Region): number {
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
    const whole = length - ((at + length - region.offset) % FLOATS[region.type].width);
    if (whole > 0) pieces.push({ length: whole, region });
    at += whole;
    if (whole < length) break;
  }
  return pieces;
}

/** The streams of a segment in the order in which they first occur. */
class Streams {
  readonly #keys: string[] = [];
  readonly #chunks: Uint8Array[][] = [];
  readonly #regions: (Region | undefined)[] = [];

  add(bytes: Uint8Array, region?: Region): number {
    const key = region ? `${region.type} ${region.bigEndian}` : "";
    let index = this.#keys.indexOf(key);
    if (index < 0) {
      index = this.#keys.push(key) - 1;
      this.#chunks.push([]);
      this.#regions.push(region);
    }
    this.#chunks[index]!.push(bytes);
    return index;
  }

  nodes(): PlanNode[] {
    return this.#chunks.map((chunks, i) => {
      const region = this.#regions[i];
      const bytes = new Uint8Array(Buffer.concat(chunks));
      return region ? planesNode(bytes, region.type, region.bigEndian) : general(bytes);
    });
  }
}

function weavePieces(bytes: Uint8Array, pieces: readonly Piece[]): PlanNode {
  const streams = new Streams();
  const runs: Run[] = [];
  let at = 0;
  for (const { length, region } of pieces) {
    runs.push({ input: streams.add(bytes.subarray(at, at + length), region), length });
    at += length;
  }
  const inputs = streams.nodes();
  if (inputs.length === 1) return inputs[0]!;
  return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
}

function planesNode(bytes: Uint8Array, type: FloatType, bigEndian: boolean): PlanNode {
  const options = { width: FLOATS[type].width, bigEndian, rotate: true };
  const inputs = splitPlanes(bytes, options).map(general);
  return { kind: "transform", transform: "planes", params: planesParams(options), inputs };
}

import { BLOCK_BYTES, general, type Level, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
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
    if (pieces.some(({ region }) => region)) {
      yield { length, root: weavePieces(await source.read(offset, length), pieces, careful) };
    } else {
      yield { length, root: general({ offset, length }) };
    }
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
    const whole = length - ((at + length - region.offset) % ELEMENTS[region.type].width);
    if (whole > 0) pieces.push({ length: whole, region });
    at += whole;
    if (whole < length) break;
  }
  return pieces;
}

interface Stream {
  /** Absent for bytes that are no elements. */
  readonly region?: Region;
  readonly isCareful: boolean;
  readonly chunks: Uint8Array[];
}

/** The streams of a segment in the order in which they first occur. */
class Streams {
  readonly #streams = new Map<string, Stream>();

  constructor(readonly careful: ReadonlySet<Region>) {}

  add(bytes: Uint8Array, region?: Region): number {
    const isCareful = region !== undefined && this.careful.has(region);
    const key = region ? `${region.type} ${region.bigEndian} ${isCareful}` : "";
    if (!this.#streams.has(key)) this.#streams.set(key, { region, isCareful, chunks: [] });
    this.#streams.get(key)!.chunks.push(bytes);
    return [...this.#streams.keys()].indexOf(key);
  }

  nodes(): PlanNode[] {
    return [...this.#streams.values()].map(({ region, isCareful, chunks }) => {
      const bytes = new Uint8Array(Buffer.concat(chunks));
      if (!region) return general(bytes);
      return isCareful ? tensorsNode(bytes, chunks, region) : planesNode(bytes, region);
    });
  }
}

function weavePieces(bytes: Uint8Array, pieces: readonly Piece[], careful: ReadonlySet<Region>): PlanNode {
  const streams = new Streams(careful);
  const runs: Run[] = [];
  let at = 0;
  for (const { length, region } of pieces) {
    const input = streams.add(bytes.subarray(at, at + length), region);
    const last = runs.at(-1);
    if (last?.input === input) runs[runs.length - 1] = { input, length: last.length + length };
    else runs.push({ input, length });
    at += length;
  }
  const inputs = streams.nodes();
  if (inputs.length === 1) return inputs[0]!;
  return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
}

function tensorsNode(data: Uint8Array, tensors: readonly Uint8Array[], { type, bigEndian }: Region): PlanNode {
  const { width, exponent, signed } = ELEMENTS[type];
  const counts = tensors.map(({ length }) => length / width);
  return {
    kind: "model",
    model: "tensor",
    params: tensorParams({ width, exponent, signed, bigEndian, counts }),
    data,
  };
}

/** Byte planes: the mantissas' are noise and cost no time, the exponents' are left to a quick model. */
function planesNode(bytes: Uint8Array, { type, bigEndian }: Region): PlanNode {
  const { width, exponent } = ELEMENTS[type];
  const plane = (data: Uint8Array): PlanNode => ({ kind: "model", model: "plane", data });
  if (width === 1) return plane(bytes);
  const options = { width, bigEndian, rotate: exponent > 0 };
  const inputs = splitPlanes(bytes, options).map(plane);
  return { kind: "transform", transform: "planes", params: planesParams(options), inputs };
}

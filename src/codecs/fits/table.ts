import { BLOCK_BYTES, general, generalSegments, type Level, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { weaveParams } from "../../graph/transforms/weave";
import { modelByName } from "../../kernels/models";
import { isSound, type Raster, samplesNode } from "../raster";
import type { Column } from "./columns";

/** Rows of one width. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rowBytes: number;
}

/** Columns with less than this are not worth a stream of their own. */
const MIN_COLUMN_BYTES = 1024;

/** How much of a column decides how it is modelled. */
const TRIAL_BYTES = 128 << 10;

/** What a stream costs besides its payload, roughly. */
const NODE_BYTES = 24;

/** Plans `length` bytes of a table from `offset` on; what is behind its whole rows goes to the general model. */
export async function* tableSegments(
  source: Source,
  offset: number,
  length: number,
  table: Table,
  level: Level,
): AsyncGenerator<Segment> {
  const most = Math.floor(BLOCK_BYTES / table.rowBytes);
  let at = offset;
  for (let rows = Math.floor(length / table.rowBytes); rows > 0 && most > 0; ) {
    const count = Math.min(rows, most);
    const bytes = await source.read(at, count * table.rowBytes);
    yield { length: bytes.length, root: rowsNode(bytes, count, table, level) };
    at += bytes.length;
    rows -= count;
  }
  yield* generalSegments(at, offset + length - at);
}

/** Column by column, or as they are where that is smaller. */
function rowsNode(bytes: Uint8Array, rows: number, { columns, rowBytes }: Table, level: Level): PlanNode {
  const whole = general(bytes);
  if (bytes.length < MIN_COLUMN_BYTES) return whole;
  const inputs: PlanNode[] = [];
  const runs: { input: number; length: number }[] = [];
  let cost = 0;
  let from = 0;
  const sampled = Math.min(rows, Math.max(1, Math.floor(TRIAL_BYTES / rowBytes)));
  for (const column of columns) {
    const best = bestOf(columnOf(bytes, rows, rowBytes, from, column.bytes), column, rows, level);
    cost += best.cost;
    runs.push({ input: inputs.length, length: column.bytes });
    inputs.push(best.node);
    from += column.bytes;
  }
  const plain = sizeOf(general(bytes.subarray(0, sampled * rowBytes)), level) * (rows / sampled);
  if (plain <= cost) return whole;
  if (inputs.length === 1) return inputs[0]!;
  return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: rows, runs }]), inputs };
}

function columnOf(bytes: Uint8Array, rows: number, rowBytes: number, from: number, width: number): Uint8Array {
  const column = new Uint8Array(rows * width);
  for (let row = 0, at = from; row < rows; row++, at += rowBytes) {
    column.set(bytes.subarray(at, at + width), row * width);
  }
  return column;
}

/** The cheapest way to model a column by a sample of it, and what it would cost. */
function bestOf(bytes: Uint8Array, column: Column, rows: number, level: Level): { node: PlanNode; cost: number } {
  const sampled = Math.min(rows, Math.max(1, Math.floor(TRIAL_BYTES / column.bytes)));
  const sample = bytes.subarray(0, sampled * column.bytes);
  let best = { node: (whole: Uint8Array, _rows: number): PlanNode => general(whole), cost: Number.MAX_VALUE };
  for (const node of waysOf(column)) {
    const cost = sizeOf(node(sample, sampled), level);
    if (cost < best.cost) best = { node, cost };
  }
  return { node: best.node(bytes, rows), cost: best.cost * (rows / sampled) };
}

type Way = (bytes: Uint8Array, rows: number) => PlanNode;

/** As bytes, as planes of bytes, and as samples; what says not what it is may hold integers of any order. */
function* waysOf({ bytes, number }: Column): Generator<Way> {
  yield (whole) => general(whole);
  const kinds = number
    ? [{ ...number, bigEndian: true }]
    : OPAQUE.filter(({ sampleBytes }) => bytes % sampleBytes === 0);
  for (const { sampleBytes, floating, bigEndian } of kinds) {
    if (sampleBytes > 1) {
      yield (whole) => {
        const inputs = splitPlanes(whole, { width: sampleBytes, bigEndian }).map(general);
        return {
          kind: "transform",
          transform: "planes",
          params: planesParams({ width: sampleBytes, bigEndian }),
          inputs,
        };
      };
    }
    yield (whole, rows) => {
      const raster = rasterOf(bytes / sampleBytes, rows, { sampleBytes, floating, bigEndian });
      return isSound(raster) ? samplesNode(raster, whole) : general(whole);
    };
  }
}

/** Integers that character columns are abused for. */
const OPAQUE = [
  { sampleBytes: 1, floating: false, bigEndian: true },
  { sampleBytes: 2, floating: false, bigEndian: false },
  { sampleBytes: 4, floating: false, bigEndian: false },
  { sampleBytes: 4, floating: false, bigEndian: true },
];

/** Rows of more numbers than this are rows of an image. */
const MOST_CHANNELS = 8;

/** A few numbers in a row are channels of one long line; many are the row of an image. */
function rasterOf(
  count: number,
  rows: number,
  number: Pick<Raster, "sampleBytes" | "floating" | "bigEndian">,
): Raster {
  const shape =
    count <= MOST_CHANNELS
      ? { width: rows, height: 1, channels: count }
      : { width: count, height: rows, channels: 1 };
  return { ...shape, ...number, frames: 1, signed: number.sampleBytes > 1, planar: false };
}

/** Bytes that a node takes. */
function sizeOf(node: PlanNode, level: Level): number {
  if (node.kind === "transform") return node.inputs.reduce((sum, input) => sum + sizeOf(input, level), NODE_BYTES);
  if (node.kind === "part" || !(node.data instanceof Uint8Array)) throw new Error("only bytes at hand are tried");
  const { data, model, params = new Uint8Array() } = node;
  return NODE_BYTES + Math.min(data.length, modelByName(model, level).encode(data, params, level).length);
}

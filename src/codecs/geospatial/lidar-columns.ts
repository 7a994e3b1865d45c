import { general, type PlanNode } from "../../graph/plan";
import { planesParams, splitPlanes } from "../../graph/transforms/planes";
import { columnsOf, rowsParams } from "../../graph/transforms/rows";
import { delta, deltaParams } from "../../graph/transforms/undelta";
import { weaveParams } from "../../graph/transforms/weave";

const AXES = 3;
const NUMBER_BYTES = 4;
const POSITION_BYTES = AXES * NUMBER_BYTES;

/**
 * Point records column by column, quickly: coordinates by their differences, all else byte by byte. `records` holds
 * whole records, whose first three fields are 32-bit coordinates in every point format.
 */
export function columnsNode(records: Uint8Array, recordBytes: number): PlanNode {
  const count = records.length / recordBytes;
  const rests = recordBytes - POSITION_BYTES;
  const axes = Array.from({ length: AXES }, (_, axis) => axisNode(records, recordBytes, axis));
  const fields = axes.map((_, input) => ({ input, length: NUMBER_BYTES }));
  return {
    kind: "transform",
    transform: "weave",
    params: weaveParams([{ repeat: count, runs: [...fields, { input: AXES, length: rests }] }]),
    inputs: [...axes, restNode(records, recordBytes)],
  };
}

function axisNode(records: Uint8Array, recordBytes: number, axis: number): PlanNode {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const count = records.length / recordBytes;
  const numbers = new Int32Array(count);
  for (let i = 0, at = NUMBER_BYTES * axis; i < count; i++, at += recordBytes) numbers[i] = view.getInt32(at, true);
  const prediction = { order: 1, row: count } as const;
  const differences = delta(numbers, prediction);
  const element = { width: NUMBER_BYTES };
  const planes: PlanNode = {
    kind: "transform",
    transform: "planes",
    params: planesParams(element),
    inputs: splitPlanes(bytesOfNumbers(differences), element).map((data) => ({
      kind: "model",
      model: "plane",
      data,
    })),
  };
  return { kind: "transform", transform: "undelta", params: deltaParams(prediction), inputs: [planes] };
}

function bytesOfNumbers(numbers: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(numbers.length * NUMBER_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) view.setUint32(i * NUMBER_BYTES, numbers[i]!, true);
  return bytes;
}

function restNode(records: Uint8Array, recordBytes: number): PlanNode {
  const width = recordBytes - POSITION_BYTES;
  const count = records.length / recordBytes;
  const rests = new Uint8Array(width * count);
  for (let i = 0; i < count; i++) {
    rests.set(records.subarray(i * recordBytes + POSITION_BYTES, (i + 1) * recordBytes), i * width);
  }
  return {
    kind: "transform",
    transform: "rows",
    params: rowsParams(width),
    inputs: [general(columnsOf(rests, width))],
  };
}

import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** How `undelta` predicts: from so many numbers before in the row; order 0 predicts nothing. */
export interface DeltaOptions {
  readonly order: 0 | 1 | 2;
  /** Numbers in a row; each row begins anew. */
  readonly row: number;
}

/** Parameters of the transform `undelta`. */
export function deltaParams({ order, row }: DeltaOptions): Uint8Array {
  return new ByteWriter().byte(order).varint(row).finish();
}

function readParams(params: Uint8Array): DeltaOptions {
  const reader = new ByteReader(params, "undelta parameters");
  const order = reader.byte();
  const row = reader.varint();
  reader.end();
  if (order > 2 || row === 0) throw new Error("undelta has an order up to 2 and a row");
  return { order: order as DeltaOptions["order"], row };
}

/** Prediction from the one or two numbers before, which count as 0 before the row. */
function predict(order: number, before: number, beforeThat: number): number {
  return order === 0 ? 0 : order === 1 ? before : 2 * before - beforeThat;
}

/** The inverse of the transform: what each number differs from its prediction, signs folded into the lowest bit. */
export function delta(numbers: Int32Array, { order, row }: DeltaOptions): Uint32Array {
  const output = new Uint32Array(numbers.length);
  for (let start = 0; start < numbers.length; start += row) {
    let before = 0;
    let beforeThat = 0;
    for (let i = start; i < Math.min(start + row, numbers.length); i++) {
      const number = numbers[i]!;
      const difference = (number - predict(order, before, beforeThat)) | 0;
      output[i] = (difference << 1) ^ (difference >> 31);
      beforeThat = before;
      before = number;
    }
  }
  return output;
}

/** Sums up differences: input and output are 32-bit little-endian numbers, all arithmetic is modulo 2^32. */
export const undelta: Transform = {
  id: 19,
  version: 1,
  name: "undelta",
  outputLength(lengths, params) {
    readParams(params);
    if (lengths.length !== 1 || lengths[0]! % 4 !== 0) throw new Error("undelta has one input of whole numbers");
    return lengths[0]!;
  },
  apply([input], params, outputLength) {
    const { order, row } = readParams(params);
    const output = new Uint8Array(outputLength);
    const from = new DataView(input!.buffer, input!.byteOffset, input!.byteLength);
    const to = new DataView(output.buffer);
    for (let start = 0; start < outputLength; start += 4 * row) {
      let before = 0;
      let beforeThat = 0;
      for (let at = start; at < Math.min(start + 4 * row, outputLength); at += 4) {
        const folded = from.getUint32(at, true);
        const number = (predict(order, before, beforeThat) + ((folded >>> 1) ^ -(folded & 1))) | 0;
        to.setInt32(at, number, true);
        beforeThat = before;
        before = number;
      }
    }
    return output;
  },
};

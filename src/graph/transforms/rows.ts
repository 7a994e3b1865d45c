import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Parameters of the transform `rows`. @param width bytes of a row */
export function rowsParams(width: number): Uint8Array {
  return new ByteWriter().varint(width).finish();
}

function readParams(params: Uint8Array): number {
  const reader = new ByteReader(params, "rows parameters");
  const width = reader.varint();
  reader.end();
  if (width === 0) throw new Error("a row has at least a byte");
  return width;
}

/** The inverse of the transform: what each byte adds to the one above it, column after column. */
export function columnsOf(rows: Uint8Array, width: number): Uint8Array {
  const output = new Uint8Array(rows.length);
  let to = 0;
  for (let column = 0; column < Math.min(width, rows.length); column++) {
    let above = 0;
    for (let at = column; at < rows.length; at += width) {
      const byte = rows[at]!;
      output[to++] = byte - above;
      above = byte;
    }
  }
  return output;
}

/** Records of one width from their columns, each byte modulo 256 the sum of those down to it. */
export const rows: Transform = {
  id: 20,
  version: 1,
  name: "rows",
  outputLength(lengths, params) {
    const width = readParams(params);
    if (lengths.length !== 1 || lengths[0]! % width !== 0) throw new Error("rows has one input of whole rows");
    return lengths[0]!;
  },
  apply([input], params, outputLength) {
    const width = readParams(params);
    const output = new Uint8Array(outputLength);
    let from = 0;
    for (let column = 0; column < Math.min(width, outputLength); column++) {
      let above = 0;
      for (let at = column; at < outputLength; at += width) {
        above = (above + input![from++]!) & 0xff;
        output[at] = above;
      }
    }
    return output;
  },
};

import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** One correction: `removed` bytes at `offset` of the base make room for `inserted`. */
export interface Correction {
  readonly offset: number;
  readonly removed: number;
  readonly inserted: Uint8Array;
}

/** Parameters of the transform `splice`. @param corrections by rising offset, not overlapping */
export function spliceParams(corrections: readonly Correction[]): Uint8Array {
  const writer = new ByteWriter().varint(corrections.length);
  let at = 0;
  for (const { offset, removed, inserted } of corrections) {
    writer
      .varint(offset - at)
      .varint(removed)
      .blob(inserted);
    at = offset + removed;
  }
  return writer.finish();
}

function* readParams(params: Uint8Array): Generator<Correction> {
  const reader = new ByteReader(params, "splice parameters");
  let at = 0;
  for (let left = reader.varint(params.length); left > 0; left--) {
    const offset = at + reader.varint();
    const removed = reader.varint();
    yield { offset, removed, inserted: reader.blob() };
    at = offset + removed;
  }
  reader.end();
}

/** The input with a few places replaced: puts right what a transform below gives back almost exactly. */
export const splice: Transform = {
  id: 2,
  version: 1,
  name: "splice",
  outputLength([length], params) {
    if (length === undefined) throw new Error("splice has one input");
    let total = length;
    for (const { offset, removed, inserted } of readParams(params)) {
      if (offset + removed > length) throw new Error(`a correction ends after the input's ${length} bytes`);
      total += inserted.length - removed;
    }
    return total;
  },
  apply([base], params, outputLength) {
    const output = new Uint8Array(outputLength);
    let from = 0;
    let to = 0;
    for (const { offset, removed, inserted } of readParams(params)) {
      output.set(base!.subarray(from, offset), to);
      to += offset - from;
      output.set(inserted, to);
      to += inserted.length;
      from = offset + removed;
    }
    output.set(base!.subarray(from), to);
    return output;
  },
};

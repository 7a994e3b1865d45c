import { decodeDelta } from "../../kernels/models/web";
import { ByteReader, ByteWriter } from "../bytes";
import { MAX_SEGMENT_BYTES } from "../plan";
import type { Transform } from "./transform";

/**
 * Parameters of the transform `web-delta`.
 *
 * @param length bytes of the output
 * @param baseLength bytes of what it is made from: mostly nearly as many, so that the difference is short to say
 */
export function webDeltaParams(dictionary: number, length: number, baseLength: number): Uint8Array {
  const more = length - baseLength;
  return new ByteWriter()
    .byte(dictionary)
    .varint(more < 0 ? -2 * more - 1 : 2 * more)
    .finish();
}

function readParams(params: Uint8Array, baseLength: number): { dictionary: number; length: number } {
  const reader = new ByteReader(params, "web-delta parameters");
  const dictionary = reader.byte();
  const more = reader.varint(2 * MAX_SEGMENT_BYTES);
  reader.end();
  return { dictionary, length: baseLength + (more % 2 === 0 ? more / 2 : -(more + 1) / 2) };
}

/** A web asset from another one, most of which it repeats, and what it adds (`wasm/crates/web`). */
export const webDelta: Transform = {
  id: 21,
  version: 1,
  name: "web-delta",
  outputLength(lengths, params) {
    if (lengths.length !== 2) throw new Error("web-delta needs a base and what it adds");
    return readParams(params, lengths[0]!).length;
  },
  apply([base, delta], params, outputLength) {
    return decodeDelta(delta!, base!, readParams(params, base!.length).dictionary, outputLength);
  },
};

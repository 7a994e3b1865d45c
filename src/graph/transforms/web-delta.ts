import { decodeDelta } from "../../kernels/models/web";
import { ByteReader, ByteWriter } from "../bytes";
import { MAX_SEGMENT_BYTES } from "../plan";
import type { Transform } from "./transform";

/** Parameters of the transform `web-delta`. @param length bytes of the output */
export function webDeltaParams(dictionary: number, length: number): Uint8Array {
  return new ByteWriter().byte(dictionary).varint(length).finish();
}

function readParams(params: Uint8Array): { dictionary: number; length: number } {
  const reader = new ByteReader(params, "web-delta parameters");
  const dictionary = reader.byte();
  const length = reader.varint(MAX_SEGMENT_BYTES);
  reader.end();
  return { dictionary, length };
}

/** A web asset from another one, most of which it repeats, and what it adds (`wasm/crates/web`). */
export const webDelta: Transform = {
  id: 58,
  version: 1,
  name: "web-delta",
  outputLength(lengths, params) {
    if (lengths.length !== 2) throw new Error("web-delta needs a base and what it adds");
    return readParams(params).length;
  },
  apply([base, delta], params, outputLength) {
    return decodeDelta(delta!, base!, readParams(params).dictionary, outputLength);
  },
};

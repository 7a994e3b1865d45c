import { deflateStream } from "../../kernels/recompress/deflaters";
import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** How zlib was used. */
export interface ZlibUse {
  /** 1 to 9. */
  readonly level: number;
  /** Bytes between partial flushes; 0 for none. */
  readonly piece: number;
}

const MAX_PIECE = 2 ** 32 - 1;

/** Parameters of the transform `zlib`. @param bytes the length of the output */
export function zlibParams({ level, piece }: ZlibUse, bytes: number): Uint8Array {
  return new ByteWriter().varint(level).varint(piece).varint(bytes).finish();
}

function readParams(params: Uint8Array): ZlibUse & { readonly bytes: number } {
  const reader = new ByteReader(params, "zlib parameters");
  const read = { level: reader.varint(9), piece: reader.varint(MAX_PIECE), bytes: reader.varint() };
  reader.end();
  return read;
}

/** A raw deflate stream (RFC 1951) as zlib makes it of its content. */
export const zlib: Transform = {
  id: 50,
  version: 1,
  name: "zlib",
  outputLength(lengths, params) {
    if (lengths.length !== 1) throw new Error("zlib has one content");
    return readParams(params).bytes;
  },
  apply([content], params) {
    const { level, piece } = readParams(params);
    return deflateStream(level, piece, content!);
  },
};

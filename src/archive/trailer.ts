import { ByteReader, ByteWriter } from "../graph/bytes";
import { checksum } from "../kernels/checksum";

/** The longest trailer: a checksum and a length. */
export const MAX_TRAILER_BYTES = 4 + 5;

/** What follows the index, to be read from the end: see `docs/format/archive.md`, "Trailer". */
export function trailer(index: Uint8Array): Uint8Array {
  const length = new ByteWriter().varint(index.length).finish().toReversed();
  return new ByteWriter().u32(checksum(index)).raw(length).finish();
}

/**
 * Reads the trailer that `tail` ends with.
 *
 * @returns bytes of the index and of the trailer
 * @throws Refusal `damaged` when there is none
 */
export function readTrailer(tail: Uint8Array): { indexBytes: number; trailerBytes: number; checksum: number } {
  const end = new ByteReader(tail.subarray(-MAX_TRAILER_BYTES).toReversed(), "The archive's end");
  const indexBytes = end.varint();
  const backwards = end.take(4);
  return {
    indexBytes,
    trailerBytes: end.position,
    checksum: new ByteReader(backwards.toReversed(), "The trailer").u32(),
  };
}

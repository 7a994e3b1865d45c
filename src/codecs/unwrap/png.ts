import { hasMagic, latin1, viewOf } from "../sniff";
import { isZlibHeader } from "./deflated";
import type { Found, Unfinished } from "./found";
import { inflateAt } from "./inflate";

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length and type before a chunk's data, checksum behind it. */
const CHUNK_HEAD_BYTES = 8;
const CHUNK_TAIL_BYTES = 4;

interface Piece {
  start: number;
  end: number;
}

/** The image data of a PNG file whose signature stands at `at` (PNG, third edition, sections 5.3 and 10.1). */
export function pngAt(bytes: Uint8Array, at: number): Found | Unfinished | undefined {
  if (!hasMagic(bytes, PNG_SIGNATURE, at)) return undefined;
  const pieces = imageData(bytes, at + PNG_SIGNATURE.length);
  if (pieces === "unfinished") return { kind: "unfinished", start: at };
  const [first] = pieces;
  if (!first || first.end - first.start < 2 || !isZlibHeader(bytes[first.start]!, bytes[first.start + 1]!)) {
    return undefined;
  }
  first.start += 2;
  const joined = new Uint8Array(Buffer.concat(pieces.map(({ start, end }) => bytes.subarray(start, end))));
  const inflated = inflateAt(joined, 0);
  if (!inflated || inflated === "unfinished") return undefined;
  const stream = shortened(pieces, inflated.length);
  const { plain } = inflated;
  const end = stream.at(-1)!.end;
  return { kind: "deflate", start: first.start, end, plain, pieces: stream, wrapping: "deflate", group: "image" };
}

/** The ranges of the IDAT chunks' data, which follow each other. */
function imageData(bytes: Uint8Array, from: number): Piece[] | "unfinished" {
  const view = viewOf(bytes);
  const pieces: Piece[] = [];
  for (let at = from; ; ) {
    if (at + CHUNK_HEAD_BYTES > bytes.length) return "unfinished";
    const start = at + CHUNK_HEAD_BYTES;
    const end = start + view.getUint32(at);
    const isData = latin1(bytes.subarray(at + 4, start)) === "IDAT";
    if (!isData && pieces.length > 0) return pieces;
    if (end + CHUNK_TAIL_BYTES > bytes.length) return "unfinished";
    if (isData) pieces.push({ start, end });
    at = end + CHUNK_TAIL_BYTES;
  }
}

/** The pieces that hold the first `length` bytes. */
function shortened(pieces: readonly Piece[], length: number): Piece[] {
  const kept: Piece[] = [];
  let left = length;
  for (const { start, end } of pieces) {
    if (left === 0) break;
    const taken = Math.min(left, end - start);
    kept.push({ start, end: start + taken });
    left -= taken;
  }
  return kept;
}

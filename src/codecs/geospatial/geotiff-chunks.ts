import { compressChunk, writeLzwNotes, writePackNotes, ZLIB_HEADER_BYTES } from "../../graph/transforms/tiff/chunk";
import { COMPRESSIONS } from "../../graph/transforms/tiff/image";
import { decodeLzw } from "../../graph/transforms/tiff/lzw";
import { decodePackBits } from "../../graph/transforms/tiff/packbits";
import { analyseDeflate } from "../../kernels/recompress/deflate";
import { pays } from "../unwrap/budget";
import { isZlibHeader } from "../unwrap/deflated";
import { inflateAt } from "../unwrap/inflate";

/** A strip or tile taken apart. */
export interface OpenChunk {
  readonly plain: Uint8Array;
  /** What {@link compressChunk} needs besides. */
  readonly notes: Uint8Array;
  /** Bytes of the chunk that are made again; others may follow. */
  readonly used: number;
}

/** What is needed to take a chunk apart. */
export interface ChunkKind {
  readonly compression: number;
  /** Bytes that the chunk must hold. */
  readonly length: number;
  readonly rowBytes: number;
}

/** Takes a chunk apart; undefined when it cannot be made again bit for bit. */
export function openChunk(bytes: Uint8Array, kind: ChunkKind): OpenChunk | undefined {
  switch (kind.compression) {
    case COMPRESSIONS.none:
      return bytes.length < kind.length
        ? undefined
        : { plain: bytes.slice(0, kind.length), notes: new Uint8Array(), used: kind.length };
    case COMPRESSIONS.deflate:
    case COMPRESSIONS.oldDeflate:
      return openZlib(bytes, kind);
    case COMPRESSIONS.lzw:
      return openLzw(bytes, kind);
    case COMPRESSIONS.packBits:
      return openPackBits(bytes, kind);
    default:
      return undefined;
  }
}

const CHECK_BYTES = 4;

function openZlib(bytes: Uint8Array, { length }: ChunkKind): OpenChunk | undefined {
  if (bytes.length < ZLIB_HEADER_BYTES || !isZlibHeader(bytes[0]!, bytes[1]!)) return undefined;
  const inflated = inflateAt(bytes, ZLIB_HEADER_BYTES);
  if (typeof inflated !== "object" || inflated.plain.length !== length) return undefined;
  const end = ZLIB_HEADER_BYTES + inflated.length;
  const check = Buffer.alloc(CHECK_BYTES);
  check.writeUInt32BE(Number(Bun.hash.adler32(inflated.plain)));
  if (Buffer.compare(check, bytes.subarray(end, end + CHECK_BYTES)) !== 0) return undefined;
  const stream = bytes.subarray(ZLIB_HEADER_BYTES, end);
  const parts = analyseDeflate(stream);
  if (!parts || !pays(parts, stream.length)) return undefined;
  const notes = new Uint8Array(Buffer.concat([bytes.subarray(0, ZLIB_HEADER_BYTES), parts.corrections]));
  return { plain: parts.plain, notes, used: end + CHECK_BYTES };
}

function openLzw(bytes: Uint8Array, { compression, length }: ChunkKind): OpenChunk | undefined {
  const parts = decodeLzw(bytes, length);
  if (!parts) return undefined;
  for (const clears of [[], parts.clears]) {
    for (const countsLast of [true, false]) {
      const notes = writeLzwNotes({ clears, countsLast });
      const found = tried(bytes, compression, parts.plain, notes);
      if (found) return found;
    }
  }
  return undefined;
}

function openPackBits(bytes: Uint8Array, { compression, length, rowBytes }: ChunkKind): OpenChunk | undefined {
  const candidates = [2, 3].flatMap((repeats) => {
    const habits = { row: rowBytes, repeats };
    const parts = decodePackBits(bytes, length, habits);
    return parts ? [{ plain: parts.plain, notes: writePackNotes(habits, parts.exceptions) }] : [];
  });
  candidates.sort((a, b) => a.notes.length - b.notes.length);
  return candidates[0] && tried(bytes, compression, candidates[0].plain, candidates[0].notes);
}

/** The chunk, if making it again gives how it begins. */
function tried(
  bytes: Uint8Array,
  compression: number,
  plain: Uint8Array,
  notes: Uint8Array,
): OpenChunk | undefined {
  try {
    const made = compressChunk(compression, plain, notes, bytes.length);
    const same = Buffer.compare(made, bytes.subarray(0, made.length)) === 0;
    return same ? { plain, notes, used: made.length } : undefined;
  } catch {
    return undefined;
  }
}

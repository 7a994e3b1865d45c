import { restoreDeflate } from "../../kernels/recompress/deflate";
import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** What stands around a deflate stream and follows from it; the position is its number in a recipe. */
export const WRAPPINGS = ["none", "deflate", "zlib", "gzip", "bgzf", "again"] as const;

/**
 * - `none`: the content itself, no deflate stream
 * - `deflate`: the stream alone (RFC 1951)
 * - `zlib`: and behind it the Adler-32 of its content (RFC 1950, without the two bytes in front)
 * - `gzip`: and behind it the CRC-32 and length of its content (RFC 1952, without the header)
 * - `bgzf`: a whole block of BGZF (SAMv1, 4.1) with the header that htslib writes
 * - `again`: no content, but all bytes that an earlier entry made
 */
export type Wrapping = (typeof WRAPPINGS)[number];

/** One stream of a recipe. */
export interface RecipeEntry {
  /** Bytes of the skeleton before it. */
  readonly gap: number;
  /** From which of the contents it is made, counted from 0; for `again`, which entry is repeated. */
  readonly content: number;
  /** Bytes of that content. */
  readonly length: number;
  readonly wrapping: Wrapping;
  /** Bytes of corrections; 0 without deflate. */
  readonly corrections: number;
  /** Where the skeleton breaks the stream: bytes of it since the last cut, and those of the skeleton that follow. */
  readonly cuts: readonly { readonly after: number; readonly gap: number }[];
}

/** Inputs in front of the contents: skeleton, recipe, corrections. */
const FIXED_INPUTS = 3;

/** The transform's second input. */
export function writeRecipe(entries: Iterable<RecipeEntry>): Uint8Array {
  const writer = new ByteWriter();
  for (const { gap, content, length, wrapping, corrections, cuts } of entries) {
    writer.varint(gap).varint(content * WRAPPINGS.length + WRAPPINGS.indexOf(wrapping));
    if (wrapping === "again") continue;
    writer.varint(length).varint(corrections).varint(cuts.length);
    for (const cut of cuts) writer.varint(cut.after).varint(cut.gap);
  }
  return writer.finish();
}

/** Parameters of the transform `deflate`. @param bytes the length of the output */
export function deflateParams(bytes: number): Uint8Array {
  return new ByteWriter().varint(bytes).finish();
}

/** Deflate streams (and other contents) made again and laid into the bytes that stood between them. */
export const deflate: Transform = {
  id: 24,
  version: 1,
  name: "deflate",
  outputLength(lengths, params) {
    if (lengths.length < FIXED_INPUTS) throw new Error("deflate needs a skeleton, a recipe and corrections");
    const reader = new ByteReader(params, "deflate parameters");
    const bytes = reader.varint();
    reader.end();
    return bytes;
  },
  apply([skeleton, recipe, corrections, ...contents], _params, outputLength) {
    const output = new Output(skeleton!, outputLength);
    const corrected = new ByteReader(corrections!, "the corrections");
    const readers = contents.map((content) => new ByteReader(content, "a content"));
    const reader = new ByteReader(recipe!, "the recipe");
    while (reader.remaining > 0) {
      output.copySkeleton(reader.varint());
      output.beginEntry();
      const kind = reader.varint();
      const [wrapping, index] = [WRAPPINGS[kind % WRAPPINGS.length]!, Math.floor(kind / WRAPPINGS.length)];
      if (wrapping === "again") {
        output.repeat(index);
        continue;
      }
      const content = readers[index];
      if (!content) throw reader.damaged("a content that is not there");
      const plain = content.take(reader.varint());
      const parts = { plain, corrections: corrected.take(reader.varint()) };
      const stream = wrap(wrapping, parts, output.room);
      let at = 0;
      for (let cuts = reader.varint(reader.remaining); cuts > 0; cuts--) {
        const end = at + reader.varint(stream.length - at);
        output.push(stream.subarray(at, end));
        output.copySkeleton(reader.varint());
        at = end;
      }
      output.push(stream.subarray(at));
      output.endEntry();
    }
    for (const content of [corrected, ...readers]) content.end();
    return output.finish();
  },
};

/** The header of a BGZF block up to its length: gzip with one extra field "BC" of two bytes, written by no system. */
export const BGZF_HEADER = Uint8Array.of(31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0);

const BLOCK_HEADER_BYTES = BGZF_HEADER.length + 2;

/** How many bytes a wrapping puts before and behind a deflate stream. */
export function wrappingBytes(wrapping: Wrapping): { readonly before: number; readonly behind: number } {
  if (wrapping === "zlib") return { before: 0, behind: 4 };
  if (wrapping === "gzip") return { before: 0, behind: 8 };
  return wrapping === "bgzf" ? { before: BLOCK_HEADER_BYTES, behind: 8 } : { before: 0, behind: 0 };
}

interface Parts {
  readonly plain: Uint8Array;
  readonly corrections: Uint8Array;
}

function wrap(wrapping: Exclude<Wrapping, "again">, parts: Parts, limit: number): Uint8Array {
  if (wrapping === "none") return parts.plain;
  return wrapped(wrapping, parts.plain, restoreDeflate(parts, limit));
}

/** A deflate stream with what its wrapping adds. */
function wrapped(wrapping: Exclude<Wrapping, "none" | "again">, plain: Uint8Array, stream: Uint8Array): Uint8Array {
  if (wrapping === "deflate") return stream;
  if (wrapping === "zlib") return joined(stream, bigEndian(Number(Bun.hash.adler32(plain))));
  const end = [littleEndian(Number(Bun.hash.crc32(plain)), 4), littleEndian(plain.length, 4)];
  if (wrapping === "gzip") return joined(stream, ...end);
  const blockLength = BLOCK_HEADER_BYTES + stream.length + 8;
  return joined(BGZF_HEADER, littleEndian(blockLength - 1, 2), stream, ...end);
}

function bigEndian(value: number): Uint8Array {
  return littleEndian(value, 4).reverse();
}

/** The low bytes of a number. */
function littleEndian(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 255);
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** What is written, the skeleton running along with it. */
class Output {
  readonly #bytes: Uint8Array;
  readonly #skeleton: ByteReader;
  /** Where entries begin and end. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #length = 0;

  constructor(skeleton: Uint8Array, length: number) {
    this.#bytes = new Uint8Array(length);
    this.#skeleton = new ByteReader(skeleton, "the skeleton");
  }

  /** Bytes that may still be written. */
  get room(): number {
    return this.#bytes.length - this.#length;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > this.room) throw new Error("the streams are longer than the parameters say");
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  beginEntry(): void {
    this.#starts.push(this.#length);
  }

  endEntry(): void {
    this.#ends.push(this.#length);
  }

  /** Ends an entry with what an earlier one made. */
  repeat(entry: number): void {
    const end = this.#ends[entry];
    if (end === undefined) throw new Error("an entry repeats one that does not come before it");
    this.push(this.#bytes.subarray(this.#starts[entry]!, end));
    this.endEntry();
  }

  copySkeleton(length: number): void {
    this.push(this.#skeleton.take(length));
  }

  /** Adds the rest of the skeleton. */
  finish(): Uint8Array {
    this.copySkeleton(this.#skeleton.remaining);
    return this.#bytes.subarray(0, this.#length);
  }
}

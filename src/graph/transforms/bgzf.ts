import { restoreDeflate } from "../../kernels/recompress/deflate";
import { deflateWith } from "../../kernels/recompress/deflaters";
import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Blocks that follow each other and were made by the same engine. */
export interface BlockRun {
  /** Bytes of the skeleton before them. */
  readonly gap: number;
  /** Which encoder makes their deflate streams: {@link CORRECTED}, {@link LITERAL} or a `Deflater`. */
  readonly engine: number;
  readonly blocks: readonly Block[];
}

export interface Block {
  /** Bytes of the content. */
  readonly length: number;
  /** Bytes of corrections; only with {@link CORRECTED} and {@link LITERAL}. */
  readonly corrections: number;
}

/** No known encoder: a prediction with corrections, as in the transform `deflate`. */
export const CORRECTED = 0;

/** No encoder at all: the corrections are the stream. */
export const LITERAL = 1;

/** The transform's second input. */
export function writeRuns(runs: Iterable<BlockRun>): Uint8Array {
  const writer = new ByteWriter();
  for (const { gap, engine, blocks } of runs) {
    writer.varint(gap).varint(engine).varint(blocks.length);
    for (const { length, corrections } of blocks) {
      writer.varint(length);
      if (engine <= LITERAL) writer.varint(corrections);
    }
  }
  return writer.finish();
}

/** Parameters of the transform `bgzf`. @param bytes the length of the output */
export function bgzfParams(bytes: number): Uint8Array {
  return new ByteWriter().varint(bytes).finish();
}

/** A block's header up to its length: gzip with one extra field "BC" of two bytes, as htslib and htsjdk write it. */
export const BLOCK_HEADER = Uint8Array.of(31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0);

/** Header and length, and checksum and length of the content behind the deflate stream. */
export const BLOCK_HEAD_BYTES = BLOCK_HEADER.length + 2;
export const BLOCK_TAIL_BYTES = 8;

/** Blocks of BGZF (SAMv1, section 4.1) made again from what they hold, between bytes that are no blocks. */
export const bgzf: Transform = {
  id: 30,
  version: 1,
  name: "bgzf",
  outputLength(lengths, params) {
    if (lengths.length !== 4) throw new Error("bgzf has a skeleton, runs, corrections and a content");
    const reader = new ByteReader(params, "bgzf parameters");
    const bytes = reader.varint();
    reader.end();
    return bytes;
  },
  apply([skeleton, runs, corrections, content], _params, outputLength) {
    const output = new Uint8Array(outputLength);
    const inputs = {
      skeleton: new ByteReader(skeleton!, "the skeleton"),
      corrections: new ByteReader(corrections!, "the corrections"),
      content: new ByteReader(content!, "the content"),
    };
    let at = 0;
    const push = (bytes: Uint8Array) => {
      if (bytes.length > outputLength - at) throw new Error("the blocks are longer than the parameters say");
      output.set(bytes, at);
      at += bytes.length;
    };
    const reader = new ByteReader(runs!, "the runs");
    while (reader.remaining > 0) {
      push(inputs.skeleton.take(reader.varint()));
      const engine = reader.varint();
      for (let left = reader.varint(reader.remaining); left > 0; left--) {
        const plain = inputs.content.take(reader.varint());
        push(blockOf(plain, streamOf(engine, plain, inputs.corrections, reader)));
      }
    }
    push(inputs.skeleton.take(inputs.skeleton.remaining));
    for (const input of Object.values(inputs)) input.end();
    return output.subarray(0, at);
  },
};

/** The largest block that its header can tell of. */
const MAX_BLOCK_BYTES = 1 << 16;

function streamOf(engine: number, plain: Uint8Array, corrections: ByteReader, runs: ByteReader): Uint8Array {
  if (engine > LITERAL) return deflateWith(engine, plain);
  const corrected = corrections.take(runs.varint());
  if (engine === LITERAL) return corrected;
  return restoreDeflate({ plain, corrections: corrected }, MAX_BLOCK_BYTES);
}

function blockOf(plain: Uint8Array, stream: Uint8Array): Uint8Array {
  const length = BLOCK_HEAD_BYTES + stream.length + BLOCK_TAIL_BYTES;
  if (length > MAX_BLOCK_BYTES) throw new Error(`a block of ${length} bytes`);
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  block.set(BLOCK_HEADER);
  view.setUint16(BLOCK_HEADER.length, length - 1, true);
  block.set(stream, BLOCK_HEAD_BYTES);
  view.setUint32(length - BLOCK_TAIL_BYTES, Number(Bun.hash.crc32(plain)), true);
  view.setUint32(length - 4, plain.length, true);
  return block;
}

import { BLOCK_HEAD_BYTES, BLOCK_TAIL_BYTES, CORRECTED, LITERAL } from "../../graph/transforms/bgzf";
import { analyseDeflate } from "../../kernels/recompress/deflate";
import { type Deflater, deflateWith, intel, libdeflate, zlib } from "../../kernels/recompress/deflaters";

/** How a block is made again. */
export interface Recipe {
  readonly engine: number;
  readonly corrections: Uint8Array;
}

/**
 * Encoders in the order in which they are tried: what samtools, htsjdk, Picard and dorado write by default, then their
 * other levels, the quick ones first.
 */
const DEFLATERS: readonly Deflater[] = [
  ...[zlib(6), libdeflate(6), libdeflate(7), intel(5), zlib(5), zlib(1), libdeflate(1), libdeflate(0)],
  ...[2, 3, 4, 7].map(zlib),
  ...[2, 3, 4, 5, 8].map(libdeflate),
  ...[6, 4, 2, 3, 7].map(intel),
  ...[zlib(9), zlib(8), libdeflate(9), libdeflate(12), libdeflate(10), libdeflate(11), intel(8), intel(9)],
];

/** After so many blocks that none made, all are tried again, and then after so many times as many. */
const PATIENCE = 16;

const NO_CORRECTIONS = new Uint8Array(0);

/** Finds out which encoder made the blocks of a file. */
export class Engines {
  /** Those that made a block of this file, the latest first. */
  #known: Deflater[] = [];
  #misses = 0;
  #nextSearch = 1;

  recipeFor({ bytes, plain }: { bytes: Uint8Array; plain: Uint8Array }): Recipe {
    const stream = bytes.slice(BLOCK_HEAD_BYTES, bytes.length - BLOCK_TAIL_BYTES);
    const engine = this.#engineOf(stream, plain);
    if (engine !== undefined) return { engine, corrections: NO_CORRECTIONS };
    const parts = analyseDeflate(stream);
    return parts ? { engine: CORRECTED, corrections: parts.corrections } : { engine: LITERAL, corrections: stream };
  }

  #engineOf(stream: Uint8Array, plain: Uint8Array): Deflater | undefined {
    const makes = (deflater: Deflater) => Buffer.compare(deflateWith(deflater, plain), stream) === 0;
    let found = this.#known.find(makes);
    if (found === undefined && ++this.#misses === this.#nextSearch) {
      found = DEFLATERS.find((deflater) => !this.#known.includes(deflater) && makes(deflater));
      if (found === undefined) this.#nextSearch *= PATIENCE;
      else this.#misses--;
    }
    if (found !== undefined) this.#known = [found, ...this.#known.filter((deflater) => deflater !== found)];
    return found;
  }
}

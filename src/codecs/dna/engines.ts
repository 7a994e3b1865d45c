import { BLOCK_HEAD_BYTES, BLOCK_TAIL_BYTES, CORRECTED, LITERAL } from "../../graph/transforms/bgzf";
import { analyseDeflate } from "../../kernels/recompress/deflate";

/** How a block is made again. */
export interface Recipe {
  readonly engine: number;
  readonly corrections: Uint8Array;
}

/** Finds out which encoder made the blocks of a file. */
export class Engines {
  recipeFor({ bytes }: { bytes: Uint8Array; plain: Uint8Array }): Recipe {
    const stream = bytes.slice(BLOCK_HEAD_BYTES, bytes.length - BLOCK_TAIL_BYTES);
    const parts = analyseDeflate(stream);
    return parts ? { engine: CORRECTED, corrections: parts.corrections } : { engine: LITERAL, corrections: stream };
  }
}

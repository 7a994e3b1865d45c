import { constants, inflateRawSync } from "node:zlib";
import { MAX_SPARSE_BYTES } from "../../kernels/recompress/deflate";

export interface Inflated {
  readonly plain: Uint8Array;
  /** Bytes of the stream. */
  readonly length: number;
}

/**
 * Inflates the raw deflate stream at `start`, only to see whether it is one and where it ends: what archives hold is
 * made by our own kernel.
 *
 * @returns "unfinished" when the bytes end first; undefined when it is none or holds more than a segment may
 */
export function inflateAt(bytes: Uint8Array, start: number): Inflated | "unfinished" | undefined {
  try {
    const options = { info: true, maxOutputLength: MAX_SPARSE_BYTES, finishFlush: constants.Z_FINISH };
    const result = inflateRawSync(bytes.subarray(start), options) as unknown as WithInfo;
    return { plain: result.buffer, length: result.engine.bytesWritten };
  } catch (error) {
    return (error as { code?: string }).code === "Z_BUF_ERROR" ? "unfinished" : undefined;
  }
}

/** What node:zlib gives with the option `info`. */
interface WithInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

import { constants, inflateRawSync } from "node:zlib";
import { MAX_SPARSE_BYTES } from "../../kernels/recompress/deflate";

export interface Inflated {
  readonly plain: Uint8Array;
  /** Bytes of the stream. */
  readonly length: number;
}

/**
 * Inflates the raw deflate stream at `start`, only to see whether it is one and where it ends: the streams of uploads
 * are made again by our own kernels, never by this one.
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

/** What a raw deflate stream holds, if that is at most so many bytes and nothing follows it. */
export function inflateWhole(stream: Uint8Array, mostBytes: number): Uint8Array | undefined {
  try {
    const result = inflateRawSync(stream, { info: true, maxOutputLength: mostBytes }) as unknown as WithInfo;
    return result.engine.bytesWritten === stream.length ? result.buffer : undefined;
  } catch {
    return undefined;
  }
}

/** What node:zlib gives with the option `info`. */
interface WithInfo {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

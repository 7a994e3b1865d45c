import binary from "../../../wasm/dist/recompress.wasm" with { type: "file" };
import { WasmLibrary } from "../wasm/library";

/** The analysis of a stream takes several times its content, and the next one follows at once. */
const KEPT_BYTES = 64 << 20;

const library = new WasmLibrary(binary, KEPT_BYTES, KEPT_BYTES);
const DEFLATE = 1;

/** A deflate stream (RFC 1951) taken apart. */
export interface DeflateParts {
  /** What the stream holds. */
  readonly plain: Uint8Array;
  /** What {@link restoreDeflate} needs besides. */
  readonly corrections: Uint8Array;
}

/** What a plain stream may hold so that its analysis stays within the memory of the module. */
export const MAX_PLAIN_BYTES = 24 << 20;
/** The same for a stream that has hardly more to say than what it repeats: its analysis takes little. */
export const MAX_SPARSE_BYTES = 32 << 20;

const HEAD_BYTES = 8;

/**
 * Takes a raw deflate stream apart. Restoring it has been tried where its encoder is little known; the engine tries
 * whole segments.
 *
 * @param stream the whole stream and nothing else
 * @returns undefined when it cannot be restored from less than itself
 */
export function analyseDeflate(stream: Uint8Array): DeflateParts | undefined {
  const limit = new Uint8Array(Uint32Array.of(MAX_SPARSE_BYTES).buffer);
  const output = attempt(() => library.encode(DEFLATE, stream, limit));
  if (!output) return undefined;
  const view = new DataView(output.buffer);
  const plainLength = view.getUint32(4, true);
  if (view.getUint32(0, true) !== stream.length) return undefined;
  const corrections = output.subarray(HEAD_BYTES + plainLength);
  if (corrections.length >= stream.length) return undefined;
  return { plain: output.subarray(HEAD_BYTES, HEAD_BYTES + plainLength), corrections };
}

/** Whatever the module cannot do, or dies of, is a stream that stays as it is. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Puts a raw deflate stream together again. @param limit the most that it may be long @throws Error */
export function restoreDeflate({ plain, corrections }: DeflateParts, limit: number): Uint8Array {
  return library.decodeAtMost(DEFLATE, corrections, plain, limit);
}

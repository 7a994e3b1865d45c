import binary from "../../../wasm/dist/deflaters.wasm" with { type: "file" };
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const DEFLATE = 1;
const STREAM = 2;
const LEVELS = 16;

/** What writes BGZF: an encoder's family (`wasm/crates/bgzf`) and its level, in one number of an archive. */
export type Deflater = number;

/** zlib's own encoder, levels 1 to 9. */
export const zlib = (level: number): Deflater => LEVELS + level;

/** Intel's zlib with its own search at levels 4 to 6, as the Genomics Kernel Library has it; levels 2 to 9. */
export const intel = (level: number): Deflater => 2 * LEVELS + level;

/** libdeflate from version 1.9 on, levels 0 to 12. */
export const libdeflate = (level: number): Deflater => 3 * LEVELS + level;

/**
 * The deflate stream that an encoder makes of at most 64 KiB, the same for ever.
 *
 * @throws Error for an encoder that there is not
 */
export function deflateWith(deflater: Deflater, plain: Uint8Array): Uint8Array {
  const family = Math.floor(deflater / LEVELS);
  if (family > 255) throw new Error(`there is no encoder ${deflater}`);
  return library.encode(DEFLATE, plain, Uint8Array.of(family, deflater % LEVELS));
}

/**
 * The deflate stream that zlib makes of at most 32 MiB, the same for ever.
 *
 * @param level 1 to 9
 * @param piece bytes between the partial flushes that its user asked for; 0 for none
 * @throws Error for a level that there is not
 */
export function deflateStream(level: number, piece: number, plain: Uint8Array): Uint8Array {
  const params = new Uint8Array(5);
  params[0] = level;
  new DataView(params.buffer).setUint32(1, piece, true);
  return library.encode(STREAM, plain, params);
}

import binary from "../../../wasm/dist/image.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const IMAGE = 1;
const EFFORTS: Record<Level, number> = { fast: 0, balanced: 1, max: 2 };

/** Planes of samples of 8 to 16 bits (`wasm/crates/imaging`). */
export const image: Model = {
  id: 24,
  version: 1,
  name: "image",
  encode: (raw, params, level) => library.encode(IMAGE, raw, Uint8Array.from([...params, EFFORTS[level]])),
  decode: (payload, params, rawLength) => library.decode(IMAGE, payload, params, rawLength),
};

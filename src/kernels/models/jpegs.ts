import binary from "../../../wasm/dist/picture.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const JPEG_SERIES = 3;

/**
 * JPEG images one after the other, frames of a stack or tiles of a picture, by one context mixing coder
 * (`wasm/crates/pictures`). The parameters are the tables that all have in common; they may be empty.
 */
export const jpegs: Model = {
  id: 25,
  version: 1,
  name: "jpegs",
  encode: (raw, params) => library.encode(JPEG_SERIES, raw, params),
  decode: (payload, params, rawLength) => library.decode(JPEG_SERIES, payload, params, rawLength),
};

import binary from "../../../wasm/dist/jpegs.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const JPEG = 1;

/** JPEG files by context mixing of their coefficients (`wasm/crates/jpeg`); what is none of them, by the model `cm`. */
export const jpeg: Model = {
  id: 56,
  version: 1,
  name: "jpeg",
  encode: (raw, params) => library.encode(JPEG, raw, params),
  decode: (payload, params, rawLength) => library.decode(JPEG, payload, params, rawLength),
};

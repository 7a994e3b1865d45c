import binary from "../../../wasm/dist/weights.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const FLOATS = 3;

/** Rows of floating-point words (`wasm/crates/floats`), with parameters as `floatsParams` writes them. */
export const floats: Model = {
  id: 72,
  version: 1,
  name: "floats",
  encode: (raw, params) => library.encode(FLOATS, raw, params),
  decode: (payload, params, rawLength) => library.decode(FLOATS, payload, params, rawLength),
};

import binary from "../../../wasm/dist/max.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const GENERAL = 1;

/** Any bytes by context mixing (`wasm/crates/general`): the smallest and slowest of the general models. */
export const cm: Model = {
  id: 16,
  version: 1,
  name: "cm",
  encode: (raw, params) => library.encode(GENERAL, raw, params),
  decode: (payload, params, rawLength) => library.decode(GENERAL, payload, params, rawLength),
};

import binary from "../../../wasm/dist/max.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

/** An engine that has read its text is worth keeping: reading takes a tenth of a second. */
const KEPT_BYTES = 160 << 20;
const library = new WasmLibrary(binary, KEPT_BYTES);
const GENERAL = 1;

/** Any bytes by context mixing (`wasm/crates/general`): the smallest and slowest of the general models. */
export const cm: Model = {
  id: 16,
  version: 1,
  name: "cm",
  encode: (raw, params) => library.encode(GENERAL, raw, params),
  decode: (payload, params, rawLength) => library.decode(GENERAL, payload, params, rawLength),
};

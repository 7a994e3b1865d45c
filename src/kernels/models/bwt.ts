import binary from "../../../wasm/dist/balanced.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const BWT = 1;
const BWT_LIGHT = 2;

/** Any bytes by block sorting (`wasm/crates/bwt`): as small as slow dictionary coders at several times their speed. */
export const bwt: Model = {
  id: 17,
  version: 1,
  name: "bwt",
  encode: (raw, params) => library.encode(BWT, raw, params),
  decode: (payload, params, rawLength) => library.decode(BWT, payload, params, rawLength),
};

/** The same, with runs coded in fewer and larger steps: a fiftieth larger, and in half the time. */
export const bwtLight: Model = {
  id: 18,
  version: 1,
  name: "bwt-light",
  encode: (raw, params) => library.encode(BWT_LIGHT, raw, params),
  decode: (payload, params, rawLength) => library.decode(BWT_LIGHT, payload, params, rawLength),
};

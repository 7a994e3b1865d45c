import binary from "../../../wasm/dist/balanced.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const BWT = 1;

/** Any bytes by block sorting (`wasm/crates/bwt`): as small as slow dictionary coders at several times their speed. */
export const bwt: Model = {
  id: 17,
  version: 1,
  name: "bwt",
  encode: (raw, params) => library.encode(BWT, raw, params),
  decode: (payload, params, rawLength) => library.decode(BWT, payload, params, rawLength),
};

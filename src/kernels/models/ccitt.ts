import binary from "../../../wasm/dist/picture.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const CCITT = 2;

/** Bilevel pictures of ITU-T T.6 by their pixels (`wasm/crates/pictures`); what is none, by the model `cm`. */
export const ccitt: Model = {
  id: 57,
  version: 1,
  name: "ccitt",
  encode: (raw, params) => library.encode(CCITT, raw, params),
  decode: (payload, params, rawLength) => library.decode(CCITT, payload, params, rawLength),
};

/** Parameters of the model. @param aligned whether lines begin at whole bytes */
export function ccittParams(columns: number, aligned: boolean): Uint8Array {
  return Uint8Array.of(columns & 255, (columns >> 8) & 255, (columns >> 16) & 255, columns >>> 24, aligned ? 1 : 0);
}

import binary from "../../../wasm/dist/weights.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const TENSOR = 1;
const ELEMENTS = 2;

/** Numbers of tensors (`wasm/crates/tensors`), with parameters as {@link tensorParams} writes them. */
export const tensor: Model = {
  id: 70,
  version: 1,
  name: "tensor",
  encode: (raw, params) => library.encode(TENSOR, raw, params),
  decode: (payload, params, rawLength) => library.decode(TENSOR, payload, params, rawLength),
};

/** Classes of neighbourhoods that have frequencies of their own. */
const CLASSES: Record<Level, number> = { fast: 1, balanced: 12, max: 16 };

/** Numbers as byte planes, quickly, with parameters as {@link planesParams} writes them. */
export const elements: Model = {
  id: 71,
  version: 1,
  name: "elements",
  encode: (raw, params, level) => library.encode(ELEMENTS, raw, Uint8Array.of(...params, CLASSES[level])),
  decode: (payload, params, rawLength) => library.decode(ELEMENTS, payload, params, rawLength),
};

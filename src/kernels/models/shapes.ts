import binary from "../../../wasm/dist/shapes.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const SHAPES = 1;
const INDEX = 2;
const EFFORTS: Record<Level, number> = { fast: 0, balanced: 0, max: 1 };

/** Main files of shapefiles, or whole records of them (`wasm/crates/vertices`). */
export const shapes: Model = {
  id: 63,
  version: 1,
  name: "shapes",
  encode: (raw, _params, level) => library.encode(SHAPES, raw, Uint8Array.of(EFFORTS[level])),
  decode: (payload, params, rawLength) => library.decode(SHAPES, payload, params, rawLength),
};

/** Indexes of shapefiles. */
export const shapeIndex: Model = {
  id: 64,
  version: 1,
  name: "shape-index",
  encode: (raw, params) => library.encode(INDEX, raw, params),
  decode: (payload, params, rawLength) => library.decode(INDEX, payload, params, rawLength),
};

import binary from "../../../wasm/dist/shapes.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const SHAPES = 1;
const TABLE = 2;
const EFFORTS: Record<Level, number> = { fast: 0, balanced: 0, max: 1 };

/** Main files of shapefiles, whole records of them, and indexes (`wasm/crates/vertices`). */
export const shapes: Model = {
  id: 63,
  version: 1,
  name: "shapes",
  encode: (raw, _params, level) => library.encode(SHAPES, raw, Uint8Array.of(EFFORTS[level])),
  decode: (payload, params, rawLength) => library.decode(SHAPES, payload, params, rawLength),
};

/** Tables of shapefiles. Parameters: nothing, or the header of the table when the data are whole records alone. */
export const table: Model = {
  id: 64,
  version: 1,
  name: "table",
  encode: (raw, params, level) => library.encode(TABLE, raw, Uint8Array.of(EFFORTS[level], ...params)),
  decode: (payload, params, rawLength) => library.decode(TABLE, payload, params, rawLength),
};

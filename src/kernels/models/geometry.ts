import binary from "../../../wasm/dist/maps.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const GEOMETRY = 1;
const EFFORTS: Record<Level, number> = { fast: 0, balanced: 0, max: 1 };

/**
 * GeoJSON and its relatives, with the numbers of their positions as integers and the rest as text
 * (`wasm/crates/geometry`).
 */
export const geometry: Model = {
  id: 61,
  version: 1,
  name: "geometry",
  encode: (raw, _params, level) => library.encode(GEOMETRY, raw, Uint8Array.of(EFFORTS[level])),
  decode: (payload, params, rawLength) => library.decode(GEOMETRY, payload, params, rawLength),
};

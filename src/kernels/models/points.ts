import binary from "../../../wasm/dist/points.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const POINTS = 1;
const EFFORTS: Record<Level, number> = { fast: 2, balanced: 0, max: 1 };

/** Point records of LAS files (`wasm/crates/lidar`), with parameters as {@link pointsParams} writes them. */
export const points: Model = {
  id: 60,
  version: 1,
  name: "points",
  encode: (raw, params, level) => library.encode(POINTS, raw, Uint8Array.of(...params, EFFORTS[level])),
  decode: (payload, params, rawLength) => library.decode(POINTS, payload, params, rawLength),
};

import binary from "../../../wasm/dist/alignment.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const BAM = 1;
const EFFORTS: Record<Level, number> = { fast: 0, balanced: 1, max: 2 };

/** Whole records of BAM, field by field (`wasm/crates/alignments`). */
export const bam: Model = {
  id: 40,
  version: 1,
  name: "bam",
  encode: (raw, _params, level) => library.encode(BAM, raw, Uint8Array.of(EFFORTS[level])),
  decode: (payload, params, rawLength) => library.decode(BAM, payload, params, rawLength),
};

import binary from "../../../wasm/dist/sequence.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const FASTQ = 1;
const VCF = 2;
const LEVELS: Record<Level, number> = { fast: 0, balanced: 1, max: 2 };

/** Sequencing reads as FASTQ text (`wasm/crates/sequencing`). The payload names the level. */
export const fastq: Model = {
  id: 32,
  version: 1,
  name: "fastq",
  encode: (raw, _params, level) => library.encode(FASTQ, raw, Uint8Array.of(LEVELS[level])),
  decode: (payload, params, rawLength) => library.decode(FASTQ, payload, params, rawLength),
};

/** Variants as VCF text (`wasm/crates/variants`). The payload names the level. */
export const vcf: Model = {
  id: 33,
  version: 1,
  name: "vcf",
  encode: (raw, _params, level) => library.encode(VCF, raw, Uint8Array.of(LEVELS[level])),
  decode: (payload, params, rawLength) => library.decode(VCF, payload, params, rawLength),
};

import binary from "../../../wasm/dist/structure.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

const library = new WasmLibrary(binary);
const STRUCTURED = 1;

/** How much is asked of each byte: thorough for the smallest result, light for more speed. */
const EFFORTS = { thorough: 0, light: 1 } as const;

export type Effort = keyof typeof EFFORTS;

/** Parameters of {@link structured}. */
export function structuredParams(effort: Effort): Uint8Array {
  return Uint8Array.of(EFFORTS[effort]);
}

/** Logs, dumps and JSON by context mixing with the structure of their records (`wasm/crates/structured`). */
export const structured: Model = {
  id: 48,
  version: 1,
  name: "structured",
  encode: (raw, params) => library.encode(STRUCTURED, raw, params),
  decode: (payload, params, rawLength) => library.decode(STRUCTURED, payload, params, rawLength),
};

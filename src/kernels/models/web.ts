import binary from "../../../wasm/dist/assets.wasm" with { type: "file" };
import type { Model } from "../model";
import { WasmLibrary } from "../wasm/library";

/** Engines that know dictionaries are worth keeping: making one takes up to a third of a second. */
const KEPT_BYTES = 256 << 20;
const library = new WasmLibrary(binary, KEPT_BYTES);

/** Numbers of the dictionaries in `wasm/crates/web/dictionaries`. */
export const WEB_DICTIONARIES = { js: 1, css: 2, html: 3 } as const;

export type WebAsset = keyof typeof WEB_DICTIONARIES;

/** Added to a dictionary's number where a delta's engine learns from the base: smaller, and as slow as the base alone. */
const STUDIED = 128;

/** The dictionary of a delta, as parameters have it. */
export function deltaDictionary(asset: WebAsset, studied: boolean): number {
  return WEB_DICTIONARIES[asset] + (studied ? STUDIED : 0);
}

/** Parameters of the models `web` and `web-light`. */
export function webParams(asset: WebAsset): Uint8Array {
  return Uint8Array.of(WEB_DICTIONARIES[asset]);
}

/** JavaScript, CSS and HTML by context mixing that knows the languages from a dictionary (`wasm/crates/web`). */
export const web: Model = modelOf({ id: 52, name: "web", number: 1 });

/** The same with fewer contexts, and bytes that are likely asked for at once. */
export const webLight: Model = modelOf({ id: 53, name: "web-light", number: 2 });

/** What an asset adds to another one, for the transform `web-delta`. */
export function encodeDelta(content: Uint8Array, base: Uint8Array, dictionary: number): Uint8Array {
  return library.encode(DELTA, content, deltaParams(base, dictionary));
}

/** @throws Error when `delta` is not what {@link encodeDelta} writes */
export function decodeDelta(delta: Uint8Array, base: Uint8Array, dictionary: number, length: number): Uint8Array {
  return library.decode(DELTA, delta, deltaParams(base, dictionary), length);
}

const DELTA = 3;

function deltaParams(base: Uint8Array, dictionary: number): Uint8Array {
  const params = new Uint8Array(1 + base.length);
  params[0] = dictionary;
  params.set(base, 1);
  return params;
}

function modelOf({ id, name, number }: { id: number; name: string; number: number }): Model {
  return {
    id,
    version: 1,
    name,
    encode: (raw, params) => library.encode(number, raw, params),
    decode: (payload, params, rawLength) => library.decode(number, payload, params, rawLength),
  };
}

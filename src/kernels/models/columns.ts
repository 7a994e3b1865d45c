import binary from "../../../wasm/dist/structure.wasm" with { type: "file" };
import type { Level, Model } from "../model";
import { WasmLibrary } from "../wasm/library";
import { bwt } from "./bwt";
import { zstd } from "./zstd";

const library = new WasmLibrary(binary);
const COLUMNS = 2;
const NO_PARAMS = new Uint8Array(0);

/** How records are cut where neither tabs nor JSON say it (`wasm/crates/structured`, `columns::shape`). */
const STYLES = [0, 1] as const;

/** What the rewritten bytes are coded with, by the first byte of the payload. */
const BACKENDS = [zstd, bwt] as const;
const BACKEND_OF: Record<Level, number> = { fast: 0, balanced: 1, max: 1 };

/** Set in the first byte if the bytes are coded as they are. */
const PLAIN = 0x80;

/** How much of the input a style is chosen by: a part of it, within these bounds. */
interface SampleSize {
  readonly part: number;
  readonly least: number;
  readonly most: number;
}

const SAMPLE_SIZES: Record<Level, SampleSize> = {
  fast: { part: 1 / 8, least: 16 << 10, most: 96 << 10 },
  balanced: { part: 1 / 4, least: 16 << 10, most: 128 << 10 },
  max: { part: 1 / 4, least: 16 << 10, most: 128 << 10 },
};

/** Up to this share of the size without rewriting, a sample is worth rewriting: the longer the input, the more it saves. */
const WORTH_REWRITING: Record<Level, number> = { fast: 1.02, balanced: 1, max: 1 };

/** The rewritten bytes are few, so that a longer search than usual costs little. */
const ZSTD_LEVEL = 6;

/** Above this share of the size without rewriting, both ways are tried on the whole. */
const CLEARLY_SMALLER = 0.9;

/** A payload's bytes may be longer than what they give back by this factor: BSON as text is, with little in it. */
const LONGEST_FACTOR = 8;

/**
 * Logs, dumps and JSON rewritten as shapes of records and columns of values, then coded by a general model; as they are
 * where a sample says that this is smaller.
 */
export const columns: Model = {
  id: 49,
  version: 1,
  name: "columns",
  encode(raw, _params, level) {
    const backend = BACKEND_OF[level];
    const { style, share } = chooseStyle(raw, SAMPLE_SIZES[level]);
    const rewritten = share < WORTH_REWRITING[level] ? encodeRewritten(raw, style, backend) : undefined;
    const compare = share >= CLEARLY_SMALLER && backend === BACKEND_OF.balanced;
    const plain = !rewritten || compare ? encodePlain(raw, backend) : undefined;
    return !rewritten || (plain && plain.length < rewritten.length) ? plain! : rewritten;
  },
  decode(payload, _params, rawLength) {
    const [first = 0] = payload;
    const backend = BACKENDS[first & ~PLAIN];
    if (!backend) throw new Error(`no coder has the number ${first}`);
    if (first & PLAIN) return backend.decode(payload.subarray(1), NO_PARAMS, rawLength);
    if (payload.length < 5) throw new Error("the payload is cut off");
    const length = new DataView(payload.buffer, payload.byteOffset).getUint32(1, true);
    if (length > LONGEST_FACTOR * rawLength + 64) throw new Error(`${length} bytes stand for ${rawLength}`);
    const rewritten = backend.decode(payload.subarray(5), NO_PARAMS, length);
    return library.decode(COLUMNS, rewritten, NO_PARAMS, rawLength);
  },
};

function rewrite(raw: Uint8Array, style: number): Uint8Array {
  return library.encode(COLUMNS, raw, Uint8Array.of(style));
}

function encodeRewritten(raw: Uint8Array, style: number, backend: number): Uint8Array {
  const rewritten = rewrite(raw, style);
  const coded = code(rewritten, backend);
  const payload = new Uint8Array(5 + coded.length);
  payload[0] = backend;
  new DataView(payload.buffer).setUint32(1, rewritten.length, true);
  payload.set(coded, 5);
  return payload;
}

function encodePlain(raw: Uint8Array, backend: number): Uint8Array {
  const coded = code(raw, backend);
  const payload = new Uint8Array(1 + coded.length);
  payload[0] = backend | PLAIN;
  payload.set(coded, 1);
  return payload;
}

function code(bytes: Uint8Array, backend: number): Uint8Array {
  if (backend === BACKEND_OF.fast) return Bun.zstdCompressSync(bytes, { level: ZSTD_LEVEL });
  return bwt.encode(bytes, NO_PARAMS, "balanced");
}

/** The style that makes a sample smallest, and its size as a share of the sample's without rewriting. */
function chooseStyle(raw: Uint8Array, { part, least, most }: SampleSize): { style: number; share: number } {
  const sample = raw.subarray(0, Math.max(least, Math.min(most, Math.floor(raw.length * part))));
  const size = (bytes: Uint8Array) => Bun.zstdCompressSync(bytes, { level: ZSTD_LEVEL }).length;
  const sizes = STYLES.map((style) => size(rewrite(sample, style)));
  const best = Math.min(...sizes);
  return { style: STYLES[sizes.indexOf(best)]!, share: best / size(sample) };
}

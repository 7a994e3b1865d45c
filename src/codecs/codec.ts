import type { TObject } from "@sinclair/typebox";
import { Refusal } from "../errors";
import type { Level, Segment } from "../graph/plan";
import type { Source } from "../graph/source";

/** The codecs of the public API, by the word in the URL. */
export type CodecName =
  | "dicom"
  | "dna"
  | "model-weights"
  | "geospatial"
  | "db-dumps"
  | "fits"
  | "log-files"
  | "text-pdf"
  | "dict-transport"
  | "audio"
  | "email"
  | "segy"
  | "general";

/** What a sniffer may look at: both ends of the file. Shorter than {@link PROBE_BYTES} only for short files. */
export interface Probe {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  readonly size: number;
  /** The uploaded name, a hint of last resort: content decides. */
  readonly name: string;
}

export const PROBE_BYTES = 64 << 10;

/**
 * A sniffer's verdict. `confidence` ranks rivals when the content decides: 1 a magic number, 0.9 a parsed
 * structure, 0.5 typical text, 0.1 merely not impossible; 0 is no, and `why` then says what was looked for, where.
 */
export interface Sniff {
  readonly confidence: number;
  readonly why: string;
}

export interface Format {
  /** The word of `?format=`. */
  readonly name: string;
  readonly title: string;
  /** Without dot, the usual one first. */
  readonly extensions: readonly string[];
  /** `Content-Type` of the download. */
  readonly mediaType: string;
  sniff(probe: Probe): Sniff;
}

export interface CodecRequest {
  readonly format: string;
  /** Validated, defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly level: Level;
  /** The uploaded name. */
  readonly name: string;
  /**
   * A stored file much like this one, for codecs with {@link Codec.deltas}: a plan may have its whole content as a part
   * leaf, which costs nothing. `archiveBytes` is what it takes on its own.
   */
  readonly base?: { readonly path: string; readonly archiveBytes: number };
}

/** Where `prepare` may write a file. */
export interface Scratch {
  /** A path for a new file, removed with the job. */
  path(): string;
}

/** The outcome of the only step that may lose anything. */
export interface Prepared {
  /** The file that downloads will give back; absent when it is the upload itself. */
  readonly path?: string;
  /** Whether a download is byte-identical to the upload. */
  readonly lossless: boolean;
  /** What was achieved (an SNR, how many values moved), for the file's metadata. */
  readonly report?: Readonly<Record<string, string | number | boolean>>;
  /** What `plan` needs to know of the work done here; must survive a structured clone. */
  readonly carry?: unknown;
}

/**
 * A codec is a planner: it says how a file's bytes are cut into segments and modelled. It knows no storage, no
 * HTTP and no database, runs in a worker of its own, and treats every file as hostile.
 */
export interface Codec {
  readonly name: CodecName;
  readonly version: number;
  readonly title: string;
  readonly summary: string;
  /** The first is the default of `?format=`. */
  readonly formats: readonly [Format, ...Format[]];
  /**
   * Parameters beyond `format` and `level`; validation, OpenAPI, web form and command-line flags derive from it. One
   * that only some formats have lists them under {@link ONLY_FORMATS}.
   */
  readonly params: TObject;
  /**
   * Parameter values under which every download is byte-identical, where the defaults are not: what `auto` uses,
   * since nobody who lets the content decide has asked to lose anything.
   */
  readonly exactParams?: Readonly<Record<string, unknown>>;
  /** A parameter that is another name for `format` (`type` of dict-transport). */
  readonly formatParam?: string;
  /** Whether a plan can say how a file differs from another one; for files of at most {@link MAX_DELTA_BYTES}. */
  readonly deltas?: boolean;
  /** The lossy step, if the parameters ask for one. */
  prepare?(source: Source, request: CodecRequest, scratch: Scratch): Promise<Prepared>;
  /** Cuts `source` (the prepared file) into segments; `carry` is what `prepare` left. */
  plan(source: Source, request: CodecRequest, carry?: unknown): AsyncIterable<Segment> | Iterable<Segment>;
}

export const MAX_DELTA_BYTES = 8 << 20;

/** Keyword of a parameter's schema: the formats that have it; without it all have. */
export const ONLY_FORMATS = "x-formats";

export function yes(confidence: number, why = ""): Sniff {
  return { confidence, why };
}

export function no(why: string): Sniff {
  return { confidence: 0, why };
}

/** The content is not of the codec's kind: code `not_<codec>`, the message says what was looked for and where. */
export function notOf(codec: CodecName, why: string): Refusal {
  return new Refusal(
    "wrong_type",
    `not_${codec.replaceAll("-", "_")}: ${why}`,
    undefined,
    `not_${codec.replaceAll("-", "_")}`,
  );
}

import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createBrotliCompress, createZstdCompress } from "node:zlib";

/** How a body may travel: RFC 9110 section 8.4.1, and Compression Dictionary Transport, RFC 9842. */
export type ContentCoding = "identity" | "br" | "zstd" | "dcb" | "dcz";

/** What a body in `dcb` or `dcz` refers to: bytes that the client has. */
export interface TransportDictionary {
  readonly bytes: Uint8Array;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/** The smaller first, where a client likes several as much. */
const WITH_DICTIONARY = ["dcz", "dcb"] as const;
const WITHOUT = ["br", "zstd"] as const;

/** Every client takes windows of so many bytes with a dictionary (RFC 9842 section 5), or has to say so. */
export const MAX_DICTIONARY_BYTES = 4 << 20;
const WINDOW_BITS = 23;

/** RFC 9842 sections 4 and 5: what a stream begins with, before the dictionary's SHA-256. */
const DCB_MAGIC = [0xff, 0x44, 0x43, 0x42];
const DCZ_MAGIC = [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0];

/**
 * The coding that the client likes best of those that can be had (RFC 9110 section 12.5.3). Without the header it is
 * `identity`: whoever says nothing about codings, as curl does, expects the file.
 */
export function chooseCoding(acceptEncoding: string | null, hasDictionary: boolean): ContentCoding {
  const weights = weightsOf(acceptEncoding ?? "");
  const anything = weights.get("*") ?? 0;
  const weight = (coding: ContentCoding) =>
    weights.get(coding) ?? (coding === "identity" ? Math.max(anything, Number.MIN_VALUE) : anything);
  const offered: ContentCoding[] = hasDictionary ? [...WITH_DICTIONARY, ...WITHOUT] : [...WITHOUT];
  return [...offered, "identity" as const].reduce((best, coding) =>
    weight(coding) > weight(best) ? coding : best,
  );
}

function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const item of header.split(",")) {
    const match = /^\s*([\w*.-]+)\s*(?:;\s*q=\s*([01](?:\.\d{0,3})?)\s*)?$/i.exec(item);
    if (match) weights.set(match[1]!.toLowerCase(), Math.min(1, Number(match[2] ?? 1)));
  }
  return weights;
}

/** The SHA-256, in hex, that `Available-Dictionary` names: a byte sequence as RFC 8941 section 3.3.5 writes it. */
export function availableDictionary(header: string | null): string | null {
  const match = /^\s*:([A-Za-z0-9+/]{43}=):\s*$/.exec(header ?? "");
  return match ? Buffer.from(match[1]!, "base64").toString("hex") : null;
}

/** A body in a coding other than `identity`; fails where `pieces` fail. @param dictionary for `dcb` and `dcz` */
export async function* coded(
  pieces: AsyncIterable<Uint8Array>,
  coding: Exclude<ContentCoding, "identity">,
  dictionary?: TransportDictionary,
): AsyncGenerator<Uint8Array> {
  const coder = coderOf(coding, dictionary?.bytes);
  const flow = pipeline(Readable.from(pieces, { objectMode: false }), coder);
  // Its failure is met by whoever reads the coder.
  flow.catch(() => {});
  let head = headOf(coding, dictionary);
  for await (const piece of coder) {
    yield head.length > 0 ? Buffer.concat([head, piece]) : piece;
    head = NOTHING;
  }
  await flow;
}

const NOTHING = new Uint8Array(0);

function headOf(coding: ContentCoding, dictionary?: TransportDictionary): Uint8Array {
  if (!dictionary || (coding !== "dcb" && coding !== "dcz")) return NOTHING;
  const magic = coding === "dcb" ? DCB_MAGIC : DCZ_MAGIC;
  return Buffer.concat([Uint8Array.from(magic), Buffer.from(dictionary.sha256, "hex")]);
}

function coderOf(coding: ContentCoding, dictionary?: Uint8Array): Transform {
  if (coding === "br" || coding === "dcb") {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 6,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    };
    return createBrotliCompress({ params, ...(dictionary && { dictionary }) });
  }
  const level = { [constants.ZSTD_c_compressionLevel]: dictionary ? 12 : 6 };
  const window = dictionary ? { [constants.ZSTD_c_windowLog]: WINDOW_BITS } : {};
  return createZstdCompress({ params: { ...level, ...window }, ...(dictionary && { dictionary }) });
}

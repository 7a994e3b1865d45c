import { BGZF_HEADER, type Wrapping, wrappingBytes } from "../../graph/transforms/deflate";
import { hasMagic, viewOf } from "../sniff";
import type { Found, Unfinished } from "./found";
import { inflateAt } from "./inflate";

/** Shorter streams are not worth a place in a recipe. */
const MIN_STREAM_BYTES = 48;

/** The deflate stream at `at`, in the group of its content. @param wrapping looked for behind it */
export function deflateAt(
  bytes: Uint8Array,
  at: number,
  wrapping: "deflate" | "zlib" | "gzip",
  group?: string,
): Found | Unfinished | undefined {
  const inflated = inflateAt(bytes, at);
  if (inflated === undefined) return undefined;
  if (inflated === "unfinished") return { kind: "unfinished", start: at };
  if (inflated.length < MIN_STREAM_BYTES) return undefined;
  const { plain } = inflated;
  const streamEnd = at + inflated.length;
  const found = endsWell(bytes, streamEnd, plain, wrapping) ? wrapping : "deflate";
  const end = streamEnd + wrappingBytes(found).behind;
  return { kind: "deflate", start: at, end, plain, wrapping: found, group: group ?? groupOf(plain) };
}

/** Whether the checks behind the stream are those of its content. */
function endsWell(bytes: Uint8Array, at: number, plain: Uint8Array, wrapping: Wrapping): boolean {
  if (wrapping === "deflate" || at + wrappingBytes(wrapping).behind > bytes.length) return false;
  const view = viewOf(bytes);
  if (wrapping === "zlib") return view.getUint32(at) === Number(Bun.hash.adler32(plain));
  return (
    view.getUint32(at, true) === Number(Bun.hash.crc32(plain)) && view.getUint32(at + 4, true) === plain.length
  );
}

/** Whether two bytes are the header of a zlib stream without a preset dictionary (RFC 1950, section 2.2). */
export function isZlibHeader(first: number, second: number): boolean {
  return (first & 15) === 8 && first >> 4 <= 7 && (second & 32) === 0 && (first * 256 + second) % 31 === 0;
}

/** A zlib stream whose header stands at `at`. */
export function zlibAt(bytes: Uint8Array, at: number, group?: string): Found | Unfinished | undefined {
  if (at + 2 > bytes.length || !isZlibHeader(bytes[at]!, bytes[at + 1]!)) return undefined;
  return deflateAt(bytes, at + 2, "zlib", group);
}

/** A member of a gzip file (RFC 1952) whose header stands at `at`; a block of BGZF as a whole. */
export function gzipAt(bytes: Uint8Array, at: number): Found | Unfinished | undefined {
  const header = gzipHeaderLength(bytes, at);
  if (header === undefined) return undefined;
  const found = deflateAt(bytes, at + header, "gzip");
  if (found?.kind !== "deflate" || found.wrapping !== "gzip" || !isBgzf(bytes, at, found.end)) return found;
  return { ...found, start: at, wrapping: "bgzf", group: "bgzf" };
}

function isBgzf(bytes: Uint8Array, at: number, end: number): boolean {
  const { length } = BGZF_HEADER;
  if (at + length + 2 > bytes.length || !hasMagic(bytes, [...BGZF_HEADER], at)) return false;
  return viewOf(bytes).getUint16(at + length, true) === end - at - 1;
}

/** RFC 1952, section 2.3: undefined when it is no header or does not end. */
export function gzipHeaderLength(bytes: Uint8Array, at: number): number | undefined {
  if (!hasMagic(bytes, [0x1f, 0x8b, 8], at) || at + 10 > bytes.length) return undefined;
  const flags = bytes[at + 3]!;
  if (flags > 31) return undefined;
  let end = at + 10;
  if (flags & 4) end += 2 + (bytes[end] ?? 0) + 256 * (bytes[end + 1] ?? 0);
  for (const text of [8, 16]) {
    if (flags & text) {
      end = bytes.indexOf(0, end) + 1;
      if (end === 0) return undefined;
    }
  }
  if (flags & 2) end += 2;
  return end < bytes.length ? end - at : undefined;
}

const ZIP_HEADER_BYTES = 30;
const ZIP_DEFLATED = 8;

/** A deflated member of a zip archive whose local header stands at `at` (APPNOTE.TXT, section 4.3.7). */
export function zipMemberAt(bytes: Uint8Array, at: number): Found | Unfinished | undefined {
  if (at + ZIP_HEADER_BYTES > bytes.length) return undefined;
  const view = viewOf(bytes);
  if (view.getUint16(at + 8, true) !== ZIP_DEFLATED) return undefined;
  const start = at + ZIP_HEADER_BYTES + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  return start < bytes.length ? deflateAt(bytes, start, "deflate") : undefined;
}

/** Text and other bytes are modelled apart. */
function groupOf(plain: Uint8Array): string {
  const sample = plain.subarray(0, 4096);
  let controls = 0;
  for (const byte of sample) if (byte < 9 || (byte > 13 && byte < 32)) controls++;
  return controls * 50 > sample.length ? "binary" : "text";
}

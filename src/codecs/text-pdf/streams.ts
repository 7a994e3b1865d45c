import { ccittParams } from "../../kernels/models/ccitt";
import { latin1 } from "../sniff";
import { zlibAt } from "../unwrap/deflated";
import type { Found, Scanner, Unfinished } from "../unwrap/found";
import { jpegAt } from "../unwrap/jpeg";
import { asImage } from "./images";

/** How far before a stream its dictionary is looked at. */
const DICTIONARY_BYTES = 600;

export const KEYWORD = Buffer.from("stream", "latin1");

/**
 * Finds what stands behind the keyword `stream` (ISO 32000-1, section 7.3.8), whatever dictionaries and
 * cross-reference tables say: those of damaged files lie, and streams begin with what they are.
 *
 * @param lead bytes of every stream before what it holds
 */
export function pdfScanner(lead = 0): Scanner {
  return (bytes, from) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = buffer.indexOf(KEYWORD, from); at >= 0; at = buffer.indexOf(KEYWORD, at + 1)) {
      const start = afterLineEnd(bytes, at + KEYWORD.length);
      const found = start === undefined ? undefined : streamAt(bytes, start + lead, at);
      if (found) return found;
    }
    return undefined;
  };
}

/** Readers take a lone carriage return, too. */
export function afterLineEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1;
  return bytes[at] === 10 ? at + 1 : undefined;
}

function streamAt(bytes: Uint8Array, start: number, keyword: number): Found | Unfinished | undefined {
  const dictionary = dictionaryBefore(bytes, keyword);
  const deflated = zlibAt(bytes, start, groupOf(dictionary));
  if (deflated?.kind === "deflate")
    return { ...asImage(deflated, dictionary), origin: keyword - dictionary.length };
  if (deflated) return deflated;
  return jpegAt(bytes, start) ?? facsimileAt(bytes, start, dictionary);
}

/** Narrower pictures are 1728 pixels wide (ISO 32000-1, table 11). */
const DEFAULT_COLUMNS = 1728;
const MAX_COLUMNS = 1 << 16;
const MIN_FACSIMILE_BYTES = 64;
const END = Buffer.from("endstream", "latin1");

/** A bilevel picture of Group 4: the only filter, and a negative K. */
function facsimileAt(bytes: Uint8Array, start: number, dictionary: string): Found | undefined {
  if (!/\/Filter\s*(\[\s*)?\/(CCITTFaxDecode|CCF)\s*[\]/>]/.test(dictionary) || !/\/K\s+-\d/.test(dictionary))
    return undefined;
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(END, start);
  const columns = Number(/\/Columns\s+(\d{1,6})/.exec(dictionary)?.[1] ?? DEFAULT_COLUMNS);
  if (end - start < MIN_FACSIMILE_BYTES || columns < 1 || columns > MAX_COLUMNS) return undefined;
  const params = ccittParams(columns, /\/EncodedByteAlign\s+true/.test(dictionary));
  return { kind: "picture", model: "ccitt", params, start, end, wrapping: "none", group: "picture" };
}

/** Entries of a dictionary that tell what the stream holds, most telling first. */
const GROUPS: readonly (readonly [group: string, entry: RegExp])[] = [
  ["image", /\/Subtype\s*\/Image/],
  ["objects", /\/ObjStm/],
  ["references", /\/XRef/],
  ["type 1 font", /\/Length1\s+\d+[^>]*\/Length2|\/Length2\s+\d+[^>]*\/Length1/],
  ["cff font", /\/Subtype\s*\/(Type1C|CIDFontType0C|OpenType)/],
  ["font", /\/Length1\b/],
  ["form", /\/Subtype\s*\/Form/],
  ["profile", /\/N\s+[134]\b/],
  ["metadata", /\/Metadata/],
];

/** Page contents have nothing but a length and a filter in their dictionary. */
function groupOf(dictionary: string): string {
  return GROUPS.find(([, entry]) => entry.test(dictionary))?.[0] ?? "content";
}

/** The text of the object before its stream. */
function dictionaryBefore(bytes: Uint8Array, keyword: number): string {
  const before = latin1(bytes.subarray(Math.max(0, keyword - DICTIONARY_BYTES), keyword));
  return before.slice(before.lastIndexOf(" obj"));
}

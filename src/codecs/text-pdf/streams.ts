import { latin1 } from "../sniff";
import { zlibAt } from "../unwrap/deflated";
import type { Found, Scanner, Unfinished } from "../unwrap/found";
import { jpegAt } from "../unwrap/jpeg";

/** How far before a stream its dictionary is looked at. */
const DICTIONARY_BYTES = 600;

const KEYWORD = Buffer.from("stream", "latin1");

/**
 * Finds what stands behind the keyword `stream` (ISO 32000-1, section 7.3.8), whatever dictionaries and
 * cross-reference tables say: those of damaged files lie, and streams begin with what they are.
 */
export const scanPdf: Scanner = (bytes, from) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(KEYWORD, from); at >= 0; at = buffer.indexOf(KEYWORD, at + 1)) {
    const start = afterLineEnd(bytes, at + KEYWORD.length);
    const found = start === undefined ? undefined : streamAt(bytes, start, at);
    if (found) return found;
  }
  return undefined;
};

/** Readers take a lone carriage return, too. */
function afterLineEnd(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1;
  return bytes[at] === 10 ? at + 1 : undefined;
}

function streamAt(bytes: Uint8Array, start: number, keyword: number): Found | Unfinished | undefined {
  return zlibAt(bytes, start, groupOf(bytes, keyword)) ?? jpegAt(bytes, start);
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
function groupOf(bytes: Uint8Array, keyword: number): string {
  const before = latin1(bytes.subarray(Math.max(0, keyword - DICTIONARY_BYTES), keyword));
  const dictionary = before.slice(before.lastIndexOf(" obj"));
  return GROUPS.find(([, entry]) => entry.test(dictionary))?.[0] ?? "content";
}

import type { Found, Unfinished } from "./found";

/** Smaller images gain less than their own stream costs. */
const MIN_IMAGE_BYTES = 512;

const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** A JPEG image whose first marker stands at `at`, up to its last (ITU-T T.81, annex B). */
export function jpegAt(bytes: Uint8Array, at: number): Found | Unfinished | undefined {
  const end = imageEnd(bytes, at);
  if (end !== "unfinished") return imageBetween(at, end);
  const rest = imageBetween(at, bytes.length);
  return rest && { kind: "unfinished", start: at, rest };
}

function imageBetween(start: number, end: number | undefined): Found | undefined {
  if (end === undefined || end - start < MIN_IMAGE_BYTES) return undefined;
  return { kind: "jpeg", start, end, wrapping: "none", group: "jpeg" };
}

/** Walks the segments from marker to marker. */
function imageEnd(bytes: Uint8Array, start: number): number | "unfinished" | undefined {
  if (bytes[start] !== 0xff || bytes[start + 1] !== START_OF_IMAGE) return undefined;
  let scans = 0;
  for (let at = start + 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === END_OF_IMAGE) return scans > 0 ? at + 2 : undefined;
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) return undefined;
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    if (marker === START_OF_SCAN) {
      scans++;
      at = scanEnd(bytes, at);
    }
  }
  // The last marker may be all that is left.
  const { length } = bytes;
  if (scans === 0) return undefined;
  return bytes[length - 2] === 0xff && bytes[length - 1] === END_OF_IMAGE ? length : "unfinished";
}

/** Where the next marker stands that is neither a stuffed byte nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && (next === undefined || next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

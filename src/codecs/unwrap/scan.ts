import { gzipAt, isZlibHeader, zipMemberAt, zlibAt } from "./deflated";
import type { Found, Scanner, Unfinished } from "./found";
import { jpegAt } from "./jpeg";
import { pngAt } from "./png";

/** Looks for streams of every kind by their signatures. */
export const scanAnything: Scanner = (bytes, from) => {
  for (let at = nextCandidate(bytes, from); at >= 0; at = nextCandidate(bytes, at + 1)) {
    const found = streamAt(bytes, at);
    if (found) return found.kind === "unfinished" ? found : { ...found, origin: at };
  }
  return undefined;
};

/** First bytes of: JPEG, PNG, gzip, zip, zlib with a window of 32 KiB. */
const FIRST_BYTES = new Uint8Array(256);
for (const byte of [0xff, 0x89, 0x1f, 0x50, 0x78]) FIRST_BYTES[byte] = 1;

function nextCandidate(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 4 < bytes.length; at++) {
    if (FIRST_BYTES[bytes[at]!] === 1 && isCandidate(bytes, at)) return at;
  }
  return -1;
}

function isCandidate(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1]!;
  switch (bytes[at]) {
    case 0xff:
      return second === 0xd8 && bytes[at + 2] === 0xff;
    case 0x89:
      return second === 0x50;
    case 0x1f:
      return second === 0x8b && bytes[at + 2] === 8;
    case 0x50:
      return second === 0x4b && bytes[at + 2] === 3 && bytes[at + 3] === 4;
    default:
      // No encoder begins with a stored or a reserved block and has much to say.
      return isZlibHeader(0x78, second) && (bytes[at + 2]! & 6) !== 6;
  }
}

function streamAt(bytes: Uint8Array, at: number): Found | Unfinished | undefined {
  switch (bytes[at]) {
    case 0xff:
      return jpegAt(bytes, at);
    case 0x89:
      return pngAt(bytes, at);
    case 0x1f:
      return gzipAt(bytes, at);
    case 0x50:
      return zipMemberAt(bytes, at);
    default:
      return zlibAt(bytes, at);
  }
}

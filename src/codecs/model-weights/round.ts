import { ELEMENTS, type FloatType } from "./layout";

/**
 * Shortens mantissas by `dropBits`, in place: round to nearest, ties to even, on the bit pattern, so that the carry
 * runs into the exponent as it should and denormals and signed zeros need no case of their own. Infinities and NaN
 * payloads stay; a value that would round up to infinity is cut off instead. Doing it twice changes nothing more.
 *
 * @param bytes whole elements, at an offset in their buffer that is a multiple of the element's width
 * @returns how many elements changed
 */
export function roundFloats(bytes: Uint8Array, type: FloatType, bigEndian: boolean, dropBits: number): number {
  const { width } = ELEMENTS[type];
  if (bigEndian) swapBytes(bytes, width);
  const changed =
    width === 2
      ? round16(bytes, type, dropBits)
      : width === 4
        ? round32(bytes, dropBits)
        : round64(bytes, dropBits);
  if (bigEndian) swapBytes(bytes, width);
  return changed;
}

/** Reverses every element of `width` bytes. */
function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}

function round16(bytes: Uint8Array, type: FloatType, dropBits: number): number {
  const exponent = type === "F16" ? 0x7c00 : 0x7f80;
  const low = (1 << dropBits) - 1;
  const half = low >> 1;
  const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  let changed = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if ((word & low) === 0 || (word & exponent) === exponent) continue;
    const nearest = (word + half + ((word >>> dropBits) & 1)) & ~low;
    words[i] = (nearest & exponent) === exponent ? word & ~low : nearest;
    changed++;
  }
  return changed;
}

function round32(bytes: Uint8Array, dropBits: number): number {
  const low = (1 << dropBits) - 1;
  const half = low >> 1;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let changed = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if ((word & low) === 0 || (word & 0x7f800000) === 0x7f800000) continue;
    const nearest = (word + half + ((word >>> dropBits) & 1)) & ~low;
    words[i] = (nearest & 0x7f800000) === 0x7f800000 ? word & ~low : nearest;
    changed++;
  }
  return changed;
}

/** Little-endian halves: the low word is rounded, a carry goes into the high one. */
function round64(bytes: Uint8Array, dropBits: number): number {
  const low = (1 << dropBits) - 1;
  const half = low >> 1;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let changed = 0;
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i]!;
    const upper = words[i + 1]!;
    if ((word & low) === 0 || (upper & 0x7ff00000) === 0x7ff00000) continue;
    const sum = word + half + ((word >>> dropBits) & 1);
    const carried = sum > 0xffffffff ? upper + 1 : upper;
    const overflows = (carried & 0x7ff00000) === 0x7ff00000;
    words[i] = (overflows ? word : sum) & ~low;
    words[i + 1] = overflows ? upper : carried;
    changed++;
  }
  return changed;
}

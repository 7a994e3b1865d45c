/**
 * What a stretch of a file that ought to be text holds: text, text speckled with control characters, other binary data,
 * or noise such as compressed or random bytes.
 */
export type Texture = "text" | "speckled" | "binary" | "noise";

/** How often a text is looked at, and at how much of it each time. */
export const STRETCH_BYTES = 128 << 10;
export const SAMPLE_BYTES = 32 << 10;

/** Shorter samples tell nothing about the frequencies of bytes. */
const LEAST_BYTES = 4 << 10;

/** Bits a byte, by the frequencies of bytes alone; random samples of 4 KiB have 7.95, and texts at most 6. */
const NOISE_BITS = 7.8;

/** Whatever they are, bytes below this are coded fast: gaps filled with zeros, for one. */
const FEW_BITS = 2;

/** Shares of control characters other than line ends, tabs and escapes: a text may hold some, and odd texts more. */
const SPECKLED_SHARE = 0.005;
const BINARY_SHARE = 0.05;

/** @param controls whether control characters are as good as others, as they are in BSON */
export function textureOf(sample: Uint8Array, controls: boolean): Texture {
  const counts = countBytes(sample);
  const bits = entropy(counts, sample.length);
  if (sample.length >= LEAST_BYTES && bits > NOISE_BITS) return "noise";
  if (controls || bits < FEW_BITS || looksWide(sample)) return "text";
  const share = countControls(counts) / sample.length;
  if (share > BINARY_SHARE) return "binary";
  return share > SPECKLED_SHARE ? "speckled" : "text";
}

function countBytes(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]!++;
  return counts;
}

/** Shannon's, in bits a byte. */
function entropy(counts: Uint32Array, total: number): number {
  return counts.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * Math.log2(count / total)), 0);
}

function countControls(counts: Uint32Array): number {
  return counts.subarray(0, 0x20).reduce((sum, count, byte) => (isWhite(byte) ? sum : sum + count), 0);
}

function isWhite(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x1b;
}

/** UTF-16 whose characters are nearly all ASCII: every second byte is zero. */
function looksWide(bytes: Uint8Array): boolean {
  const zeros = [0, 0];
  bytes.forEach((byte, at) => {
    if (byte === 0) zeros[at & 1]!++;
  });
  const [few, many] = zeros.sort((a, b) => a - b) as [number, number];
  return many * 5 > bytes.length * 2 && few * 20 < bytes.length;
}

/** Features of a file: of all its strings the least in each class, so that similar files share many of them. */
const CLASS_BITS = 5;
const STRING_BYTES = 8;
const MULTIPLIER = 0x01000193;

/**
 * Min-hash over all strings of eight bytes, with one permutation for all classes (Li, Owen and Zhang, "One Permutation
 * Hashing", 2012): two files share a feature with the probability that a string of one is in the other.
 */
export function sketchOf(bytes: Uint8Array): number[] {
  const least = new Float64Array(1 << CLASS_BITS).fill(Number.POSITIVE_INFINITY);
  let leaving = 1;
  for (let i = 0; i < STRING_BYTES; i++) leaving = Math.imul(leaving, MULTIPLIER);
  let rolling = 0;
  for (let at = 0; at < bytes.length; at++) {
    rolling = (Math.imul(rolling, MULTIPLIER) + bytes[at]! + 1) | 0;
    if (at >= STRING_BYTES) rolling = (rolling - Math.imul(bytes[at - STRING_BYTES]! + 1, leaving)) | 0;
    if (at < STRING_BYTES - 1) continue;
    const mixed = mix(rolling);
    const kind = mixed >>> (32 - CLASS_BITS);
    const rank = mix(mixed ^ 0x5bd1e995);
    if (rank < least[kind]!) least[kind] = rank;
  }
  return [...least.entries()]
    .filter(([, rank]) => Number.isFinite(rank))
    .map(([kind, rank]) => kind * 2 ** 32 + rank);
}

/** A permutation of 32-bit numbers (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

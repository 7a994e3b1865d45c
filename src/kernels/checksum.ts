/** XXH3-64 with seed 0: 8 bytes, little endian, as archives hold it. */
export function checksum(bytes: Uint8Array): bigint {
  return Bun.hash.xxHash3(bytes);
}

/** The low half of the XXH3-64 with seed 0, as archives hold it. */
export function checksum(bytes: Uint8Array): number {
  return Number(Bun.hash.xxHash3(bytes) & 0xffffffffn);
}

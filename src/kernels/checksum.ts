/** The low half of the XXH3-64 with seed 0, as archives hold it. */
export function checksum(bytes: Uint8Array): number {
  return Number(Bun.hash.xxHash3(bytes) & 0xffffffffn);
}

/** What tells that content is the right one: its checksum or, where it is all that an archive holds, its SHA-256 (hex). */
export type ContentCheck = { readonly checksum: number } | { readonly sha256: string };

export function passes(content: Uint8Array, check: ContentCheck): boolean {
  if ("checksum" in check) return checksum(content) === check.checksum;
  return new Bun.CryptoHasher("sha256").update(content).digest("hex") === check.sha256;
}

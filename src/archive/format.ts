/** Names of the archive's container, see `docs/format/archive.md`. */

/** A byte above 127, so that no text begins so, and the name. */
export const MAGIC = new Uint8Array([0x89, 0x53, 0x4d]);

/** The byte behind the magic: how what follows is laid out. A later format will have other ones. */
export const LAYOUT = { framed: 0x5a, short: 0x7a } as const;

export const FORMAT_VERSION = 1;

/** Archives at most so long may be laid out short: they are read whole to be opened. */
export const MAX_SHORT_BYTES = 64 << 10;

const PART_NAME_DIGITS = 16;

/**
 * How archives name a part: the first eight bytes of its content's SHA-256, in hex. Unique within an archive, which its
 * writer sees to; that it was the right part, the SHA-256 of what comes out tells.
 */
export function partName(sha256: string): string {
  return sha256.slice(0, PART_NAME_DIGITS);
}

/** What an archive says of itself before its blocks. */
export interface ArchiveHeader {
  codec: string;
  codecVersion: number;
  format: string;
  level: string;
  params: Record<string, unknown>;
  /** The original file's name; empty when unknown (standard input). */
  name: string;
  mediaType: string;
  lossless: boolean;
  /**
   * Milliseconds since 1970, of which whole seconds are kept; absent from archives made by the command line, so that
   * equal input gives equal bytes.
   */
  createdAt?: number;
  /** What the vault needs to take the file up again without its database: upload id, space, what the upload was. */
  labels?: Record<string, string>;
  report?: Record<string, string | number | boolean>;
}

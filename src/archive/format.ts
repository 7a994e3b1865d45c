/** Names of the archive's container, see `docs/format/archive.md`. */

/** A byte above 127, the name, and the line ends that a text-mode transfer would change (as PNG does). */
export const MAGIC = new Uint8Array([0x89, 0x53, 0x4d, 0x5a, 0x0d, 0x0a, 0x1a, 0x0a]);

export const FORMAT_VERSION = 1;

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
  /** Milliseconds since 1970; absent from archives made by the command line, so that equal input gives equal bytes. */
  createdAt?: number;
  /** What the vault needs to take the file up again without its database: upload id, space, SHA-256 of the upload. */
  labels?: Record<string, string>;
  report?: Record<string, string | number | boolean>;
}

/** The last bytes of every archive. */
export const END_MARK = new Uint8Array([0x1a, 0x53, 0x4d, 0x5a]);

/** Index length, index checksum and {@link END_MARK}. */
export const TRAILER_BYTES = 16;

/** Names of the archive's container, see `docs/format/archive.md`. */

/** A byte above 127, so that no text begins so, and the name. */
export const MAGIC = new Uint8Array([0x89, 0x53, 0x4d, 0x5a]);

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
  /** What the vault needs to take the file up again without its database: upload id, space, what the upload was. */
  labels?: Record<string, string>;
  report?: Record<string, string | number | boolean>;
}

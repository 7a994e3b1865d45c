import { ByteReader, ByteWriter } from "../graph/bytes";
import { MAX_PART_BYTES, MAX_SEGMENT_BYTES } from "../graph/plan";

/** What follows the header, in the order of the file. */
export type Entry = BlockEntry | EmbeddedPartEntry | ExternalPartEntry;

export interface BlockEntry {
  readonly kind: "block";
  /** Bytes of content. */
  readonly length: number;
  readonly storedLength: number;
}

export interface EmbeddedPartEntry {
  readonly kind: "embedded";
  readonly sha256: string;
  /** Bytes of the part's content. */
  readonly length: number;
  /** Bytes of the archive that holds it. */
  readonly storedLength: number;
}

/** A part that lies elsewhere: no bytes in this file. */
export interface ExternalPartEntry {
  readonly kind: "external";
  readonly sha256: string;
  readonly length: number;
}

export interface Index {
  /** SHA-256 of the whole content, hex. */
  readonly contentSha256: string;
  readonly entries: readonly Entry[];
}

/** More than the worst plan may take before the general model replaces it. */
const MAX_STORED_BYTES = 2 * MAX_SEGMENT_BYTES;

const KINDS = ["block", "embedded", "external"] as const;
const SHA256_BYTES = 32;

/** Tags of the frames, so that a file can also be walked from its start. */
export const TAG = { index: 0, block: 1, part: 2 } as const;

/** Of a block's content and of its stored bytes. */
export const BLOCK_CHECKSUM_BYTES = 8;

/** Tag, two lengths and two checksums before a block's stored bytes. */
export function blockFrame(entry: BlockEntry, checksum: number, storedChecksum: number): Uint8Array {
  return blockPreamble(entry).u32(checksum).u32(storedChecksum).finish();
}

function blockPreamble(entry: BlockEntry): ByteWriter {
  return new ByteWriter().byte(TAG.block).varint(entry.length).varint(entry.storedLength);
}

/** Tag and length before an embedded part's archive. */
export function partFrame(entry: EmbeddedPartEntry): Uint8Array {
  return new ByteWriter().byte(TAG.part).varint(entry.storedLength).finish();
}

/** Bytes that an entry's frame takes before its stored bytes. */
export function frameOverhead(entry: Entry): number {
  if (entry.kind === "external") return 0;
  if (entry.kind === "embedded") return partFrame(entry).length;
  return blockPreamble(entry).finish().length + BLOCK_CHECKSUM_BYTES;
}

/** See `docs/format/archive.md`, "Index". */
export function writeIndex(index: Index): Uint8Array {
  const writer = new ByteWriter().raw(Buffer.from(index.contentSha256, "hex")).varint(index.entries.length);
  for (const entry of index.entries) {
    writer.varint(entry.length * 4 + KINDS.indexOf(entry.kind));
    if (entry.kind !== "block") writer.raw(Buffer.from(entry.sha256, "hex"));
    if (entry.kind !== "external") writer.varint(entry.storedLength);
  }
  return writer.finish();
}

/** @throws Refusal `damaged` */
export function readIndex(bytes: Uint8Array): Index {
  const reader = new ByteReader(bytes, "The archive's index");
  const contentSha256 = hex(reader.take(SHA256_BYTES));
  const count = reader.varint(reader.remaining);
  const entries = Array.from({ length: count }, () => readEntry(reader));
  reader.end();
  return { contentSha256, entries };
}

function readEntry(reader: ByteReader): Entry {
  const tag = reader.varint(MAX_SEGMENT_BYTES * 4 + 3);
  const kind = KINDS[tag % 4];
  const length = Math.floor(tag / 4);
  if (kind === "block") {
    if (length === 0) throw reader.damaged("an empty block");
    return { kind, length, storedLength: reader.varint(MAX_STORED_BYTES) };
  }
  if (!kind) throw reader.damaged("an entry of unknown kind");
  if (length > MAX_PART_BYTES) throw reader.damaged(`a part of ${length} bytes`);
  const sha256 = hex(reader.take(SHA256_BYTES));
  return kind === "external" ? { kind, sha256, length } : { kind, sha256, length, storedLength: reader.varint() };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

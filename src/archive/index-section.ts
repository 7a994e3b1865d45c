import { ByteReader, ByteWriter } from "../graph/bytes";
import { MAX_PART_BYTES, MAX_SEGMENT_BYTES } from "../graph/plan";

/** What follows the header, in the order of the file. */
export type Entry = BlockEntry | EmbeddedPartEntry | ExternalPartEntry;

export interface BlockEntry {
  /** A lone block is the archive's only one: what it must decode to is told by the SHA-256 of the content. */
  readonly kind: "block" | "lone";
  /** Bytes of content. */
  readonly length: number;
  readonly storedLength: number;
}

export interface EmbeddedPartEntry {
  readonly kind: "embedded";
  /** See `partName`. */
  readonly name: string;
  /** Bytes of the part's content. */
  readonly length: number;
  /** Bytes of the archive that holds it. */
  readonly storedLength: number;
}

/** A part that lies elsewhere: no bytes in this file. */
export interface ExternalPartEntry {
  readonly kind: "external";
  readonly name: string;
  readonly length: number;
}

export interface Index {
  /** SHA-256 of the whole content, hex. */
  readonly contentSha256: string;
  readonly entries: readonly Entry[];
}

/** More than the worst plan may take before the general model replaces it. */
const MAX_STORED_BYTES = 2 * MAX_SEGMENT_BYTES;

const KINDS = ["block", "embedded", "external", "lone"] as const;
export const SHA256_BYTES = 32;
export const PART_NAME_BYTES = 8;

/** Tags of the frames, so that a file can also be walked from its start. */
export const TAG = { index: 0, block: 1, part: 2, lone: 3 } as const;

/** Of the stored bytes, and of the content too unless the block is alone. */
export const CHECKSUM_BYTES = { block: 8, lone: 4 } as const;

/** Tag, two lengths and the checksums before a block's stored bytes. @param contentChecksum not of a lone block */
export function blockFrame(entry: BlockEntry, contentChecksum: number, storedChecksum: number): Uint8Array {
  const frame = blockPreamble(entry);
  if (entry.kind === "block") frame.u32(contentChecksum);
  return frame.u32(storedChecksum).finish();
}

function blockPreamble(entry: BlockEntry): ByteWriter {
  return new ByteWriter().byte(TAG[entry.kind]).varint(entry.length).varint(entry.storedLength);
}

/** Tag and length before an embedded part's archive. */
export function partFrame(entry: EmbeddedPartEntry): Uint8Array {
  return new ByteWriter().byte(TAG.part).varint(entry.storedLength).finish();
}

export function isBlock(entry: Entry): entry is BlockEntry {
  return entry.kind === "block" || entry.kind === "lone";
}

/** Bytes that an entry's frame takes before its stored bytes. */
export function frameOverhead(entry: Entry): number {
  if (entry.kind === "external") return 0;
  if (entry.kind === "embedded") return partFrame(entry).length;
  return blockPreamble(entry).finish().length + CHECKSUM_BYTES[entry.kind];
}

/** See `docs/format/archive.md`, "Index". */
export function writeIndex(index: Index): Uint8Array {
  const writer = new ByteWriter().raw(Buffer.from(index.contentSha256, "hex")).varint(index.entries.length);
  for (const entry of index.entries) {
    writer.varint(entry.length * 4 + KINDS.indexOf(entry.kind));
    if ("name" in entry) writer.raw(Buffer.from(entry.name, "hex"));
    if (entry.kind !== "external") writer.varint(entry.storedLength);
  }
  return writer.finish();
}

/** @throws Refusal `damaged` */
export function readIndex(bytes: Uint8Array): Index {
  const reader = new ByteReader(bytes, "The archive's index");
  const contentSha256 = readHex(reader, SHA256_BYTES);
  const count = reader.varint(reader.remaining);
  const entries = Array.from({ length: count }, () => readEntry(reader));
  reader.end();
  const blocks = entries.filter(isBlock);
  if (blocks.length > 1 && blocks.some(({ kind }) => kind === "lone"))
    throw reader.damaged("a lone block is not alone");
  return { contentSha256, entries };
}

function readEntry(reader: ByteReader): Entry {
  const tag = reader.varint(MAX_SEGMENT_BYTES * 4 + 3);
  const kind = KINDS[tag % 4]!;
  const length = Math.floor(tag / 4);
  if (kind === "block" || kind === "lone") {
    if (length === 0) throw reader.damaged("an empty block");
    return { kind, length, storedLength: reader.varint(MAX_STORED_BYTES) };
  }
  if (length > MAX_PART_BYTES) throw reader.damaged(`a part of ${length} bytes`);
  const name = readHex(reader, PART_NAME_BYTES);
  return kind === "external" ? { kind, name, length } : { kind, name, length, storedLength: reader.varint() };
}

export function readHex(reader: ByteReader, bytes: number): string {
  return Buffer.from(reader.take(bytes)).toString("hex");
}

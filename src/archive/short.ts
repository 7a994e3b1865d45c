import { Refusal } from "../errors";
import { ByteReader, ByteWriter } from "../graph/bytes";
import { MAX_PART_BYTES, MAX_SEGMENT_BYTES } from "../graph/plan";
import { checksum } from "../kernels/checksum";
import { type ArchiveHeader, LAYOUT, MAGIC, MAX_SHORT_BYTES } from "./format";
import { readHeader, writeHeader } from "./header";
import { type ExternalPartEntry, PART_NAME_BYTES, readHex, SHA256_BYTES } from "./index-section";

const CHECKSUM_BYTES = 4;

/** What an archive of the short layout holds: at most one block, and no part. */
export interface ShortArchive {
  readonly header: ArchiveHeader;
  readonly contentSha256: string;
  readonly parts: readonly ExternalPartEntry[];
  /** Absent where the content is empty. */
  readonly block?: { readonly length: number; readonly stored: Uint8Array };
}

/** Serialises an archive whole, see `docs/format/archive.md`, "Short layout". */
export function writeShort({ header, contentSha256, parts, block }: ShortArchive): Uint8Array {
  const writer = new ByteWriter()
    .raw(MAGIC)
    .byte(LAYOUT.short)
    .raw(Buffer.from(contentSha256, "hex"))
    .raw(writeHeader(header))
    .varint(parts.length);
  for (const { length, name } of parts) writer.varint(length).raw(Buffer.from(name, "hex"));
  if (block) writer.varint(block.length).raw(block.stored);
  const bytes = writer.finish();
  return new ByteWriter().raw(bytes).u32(checksum(bytes)).finish();
}

/**
 * The inverse of {@link writeShort}; the stored bytes are a view.
 *
 * @throws Refusal `damaged`
 */
export function readShort(bytes: Uint8Array): ShortArchive {
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  const sum = new ByteReader(bytes.subarray(body.length), "The archive's end").u32();
  if (bytes.length > MAX_SHORT_BYTES || checksum(body) !== sum) {
    throw new Refusal(
      "damaged",
      "The archive is damaged: it does not match its checksum; it may have been cut off.",
    );
  }
  const reader = new ByteReader(body, "The archive");
  reader.take(MAGIC.length + 1);
  const contentSha256 = readHex(reader, SHA256_BYTES);
  const header = readHeader(reader);
  const parts = Array.from({ length: reader.varint(reader.remaining) }, () => readPart(reader));
  if (reader.remaining === 0) return { header, contentSha256, parts };
  const length = reader.varint(MAX_SEGMENT_BYTES);
  if (length === 0) throw reader.damaged("an empty block");
  return { header, contentSha256, parts, block: { length, stored: reader.take(reader.remaining) } };
}

function readPart(reader: ByteReader): ExternalPartEntry {
  const length = reader.varint(MAX_PART_BYTES);
  return { kind: "external", length, name: readHex(reader, PART_NAME_BYTES) };
}

import { ByteReader, ByteWriter } from "../graph/bytes";
import type { ArchiveHeader } from "./format";

/** The longest header that is written or read. */
export const MAX_HEADER_BYTES = 1 << 20;

const LOSSLESS = 1;
const DATED = 2;

/** Serialises a header, see `docs/format/archive.md`, "Header". Equal headers give equal bytes. */
export function writeHeader(header: ArchiveHeader): Uint8Array {
  const dated = header.createdAt !== undefined;
  const writer = new ByteWriter()
    .text(header.codec)
    .varint(header.codecVersion)
    .text(header.format)
    .text(header.level)
    .text(header.name)
    .text(header.mediaType)
    .byte((header.lossless ? LOSSLESS : 0) | (dated ? DATED : 0));
  if (dated) writer.varint(header.createdAt!);
  return writer.text(json(header.params)).text(json(header.labels)).text(json(header.report)).finish();
}

/** @throws Refusal `damaged` */
export function readHeader(bytes: Uint8Array): ArchiveHeader {
  const reader = new ByteReader(bytes, "The archive's header");
  const header: ArchiveHeader = {
    codec: reader.text(),
    codecVersion: reader.varint(),
    format: reader.text(),
    level: reader.text(),
    name: reader.text(),
    mediaType: reader.text(),
    lossless: false,
    params: {},
  };
  const flags = reader.byte();
  header.lossless = (flags & LOSSLESS) !== 0;
  if (flags & DATED) header.createdAt = reader.varint();
  header.params = readMap(reader) ?? {};
  header.labels = readMap<string>(reader);
  header.report = readMap<string | number | boolean>(reader);
  reader.end();
  return header;
}

function json(map: Record<string, unknown> | undefined): string {
  return map && Object.keys(map).length > 0 ? JSON.stringify(map) : "";
}

function readMap<T>(reader: ByteReader): Record<string, T> | undefined {
  const text = reader.text();
  if (text === "") return undefined;
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    throw reader.damaged("a map is not JSON");
  }
  if (typeof map !== "object" || map === null || Array.isArray(map)) throw reader.damaged("a map is not an object");
  return map as Record<string, T>;
}

import { inflateRawSync } from "node:zlib";
// The pinned deflater, so that equal headers stay equal bytes from one runtime to the next.
import { deflateSync } from "fflate";
import { Refusal } from "../errors";
import { ByteReader, ByteWriter } from "../graph/bytes";
import type { ArchiveHeader } from "./format";
import { HEADER_DICTIONARY } from "./header-dictionary";

/** The longest header that is written or read, deflated or not. */
export const MAX_HEADER_BYTES = 1 << 20;

const LOSSLESS = 1;
const DATED = 2;

/** Serialises a header, see `docs/format/archive.md`, "Header". Equal headers give equal bytes. */
export function writeHeader(header: ArchiveHeader): Uint8Array {
  const dated = header.createdAt !== undefined;
  const writer = new ByteWriter()
    .text(header.codec)
    .text(header.format)
    .text(header.mediaType)
    .text(header.level)
    .byte((header.lossless ? LOSSLESS : 0) | (dated ? DATED : 0))
    .varint(header.codecVersion)
    .text(json(header.params))
    .text(json(header.report))
    .text(json(header.labels))
    .text(header.name);
  if (dated) writer.varint(header.createdAt!);
  return deflateSync(writer.finish(), { dictionary: HEADER_DICTIONARY, level: 9 });
}

/** @throws Refusal `damaged` */
export function readHeader(bytes: Uint8Array): ArchiveHeader {
  const reader = new ByteReader(inflated(bytes), "The archive's header");
  const [codec, format, mediaType, level] = [reader.text(), reader.text(), reader.text(), reader.text()];
  const flags = reader.byte();
  const header: ArchiveHeader = {
    codec,
    codecVersion: reader.varint(),
    format,
    level,
    params: readMap(reader) ?? {},
    report: readMap<string | number | boolean>(reader),
    labels: readMap<string>(reader),
    name: reader.text(),
    mediaType,
    lossless: (flags & LOSSLESS) !== 0,
  };
  if (flags & DATED) header.createdAt = reader.varint();
  reader.end();
  return header;
}

function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { dictionary: HEADER_DICTIONARY, maxOutputLength: MAX_HEADER_BYTES });
  } catch {
    throw new Refusal("damaged", "The archive's header is damaged: it does not inflate.");
  }
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

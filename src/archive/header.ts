import { inflateRawSync } from "node:zlib";
// The pinned deflater, so that equal headers stay equal bytes from one runtime to the next.
import { deflateSync } from "fflate";
import { Refusal } from "../errors";
import { type ByteReader, ByteWriter } from "../graph/bytes";
import type { ArchiveHeader } from "./format";
import { HEADER_KINDS, HEADER_LEVELS, MAP_DICTIONARY } from "./header-kinds";
import { packName, unpackName } from "./name-code";

/** The longest header that is written or read, and the longest text that its maps inflate to. */
export const MAX_HEADER_BYTES = 1 << 20;

/** Bits of a header's flags. */
const LOSSLESS = 1;
const DATED = 2;
/** An upload's number and its space, as all archives of an appliance have them. */
const UPLOADED = 4;
const OTHER_SPACE = 8;
const MAPS = 16;
const LATER_CODEC = 32;
const NAMED = 64;
/** The name is text as it is. */
const PLAIN_NAME = 128;

const USUAL_SPACE = "default";
const USUAL_CODEC_VERSION = 1;
const UPLOAD_ID = /^[0-9a-f]{8}$/;
const UPLOAD_ID_BYTES = 4;
/** Seconds of the first and of one behind the last time that four bytes can tell. */
const EPOCH_SECONDS = Date.UTC(2000, 0) / 1000;
const LAST_SECONDS = EPOCH_SECONDS + 2 ** 32;

type Labels = Record<string, string>;

/** Serialises a header, see `docs/format/archive.md`, "Header". Equal headers give equal bytes. */
export function writeHeader(header: ArchiveHeader): Uint8Array {
  const { upload, labels } = splitLabels(header.labels);
  const seconds = secondsOf(header.createdAt);
  const maps = [header.params, header.report ?? {}, labels];
  const hasMaps = maps.some((map) => Object.keys(map).length > 0);
  const name = header.name === "" ? undefined : packName(header.name, header.format);
  const flags =
    (header.lossless ? LOSSLESS : 0) |
    (seconds === undefined ? 0 : DATED) |
    (upload ? UPLOADED : 0) |
    (upload && upload.space !== USUAL_SPACE ? OTHER_SPACE : 0) |
    (hasMaps ? MAPS : 0) |
    (header.codecVersion === USUAL_CODEC_VERSION ? 0 : LATER_CODEC) |
    (header.name === "" ? 0 : NAMED) |
    (header.name === "" || name ? 0 : PLAIN_NAME);
  const writer = new ByteWriter();
  writeKind(writer, header);
  writer.byte(flags);
  if (flags & LATER_CODEC) writer.varint(header.codecVersion);
  if (seconds !== undefined) writer.u32(seconds - EPOCH_SECONDS);
  if (upload) writer.raw(Buffer.from(upload.uploadId, "hex"));
  if (upload && flags & OTHER_SPACE) writer.text(upload.space);
  if (hasMaps) writer.blob(deflate(JSON.stringify(maps)));
  if (flags & PLAIN_NAME) writer.text(header.name);
  else if (name) writer.raw(name);
  return writer.finish();
}

/** Reads a header, and stands behind it then. @throws Refusal `damaged` */
export function readHeader(reader: ByteReader): ArchiveHeader {
  const kind = readKind(reader);
  const flags = reader.byte();
  const has = (flag: number) => (flags & flag) !== 0;
  const codecVersion = has(LATER_CODEC) ? reader.varint() : USUAL_CODEC_VERSION;
  const createdAt = has(DATED) ? (reader.u32() + EPOCH_SECONDS) * 1000 : undefined;
  const uploadId = has(UPLOADED) ? Buffer.from(reader.take(UPLOAD_ID_BYTES)).toString("hex") : undefined;
  const space = has(OTHER_SPACE) ? reader.text(MAX_HEADER_BYTES) : USUAL_SPACE;
  const [params = {}, report, others] = has(MAPS) ? readMaps(reader) : [];
  const labels = uploadId === undefined ? others : { uploadId, space, ...others };
  const name = has(PLAIN_NAME) ? reader.text(MAX_HEADER_BYTES) : has(NAMED) ? unpackName(reader, kind.format) : "";
  const header: ArchiveHeader = { ...kind, codecVersion, params, name, lossless: has(LOSSLESS) };
  if (createdAt !== undefined) header.createdAt = createdAt;
  if (report && Object.keys(report).length > 0) header.report = report as ArchiveHeader["report"];
  if (labels && Object.keys(labels).length > 0) header.labels = labels as Labels;
  return header;
}

/** The number of codec, format, media type and level; 0 and the texts where there is none. */
function writeKind(writer: ByteWriter, { codec, format, mediaType, level }: ArchiveHeader): void {
  const kind = HEADER_KINDS.findIndex(([a, b, c]) => a === codec && b === format && c === mediaType);
  const place = HEADER_LEVELS.indexOf(level);
  if (kind < 0 || place < 0) writer.varint(0).text(codec).text(format).text(mediaType).text(level);
  else writer.varint(1 + kind * HEADER_LEVELS.length + place);
}

function readKind(reader: ByteReader): Pick<ArchiveHeader, "codec" | "format" | "mediaType" | "level"> {
  const number = reader.varint(HEADER_KINDS.length * HEADER_LEVELS.length) - 1;
  if (number < 0)
    return { codec: reader.text(), format: reader.text(), mediaType: reader.text(), level: reader.text() };
  const [codec, format, mediaType] = HEADER_KINDS[Math.floor(number / HEADER_LEVELS.length)]!;
  return { codec, format, mediaType, level: HEADER_LEVELS[number % HEADER_LEVELS.length]! };
}

/** Takes apart what an appliance's labels usually are from whatever else they say. */
function splitLabels(labels: Labels = {}): { upload?: { uploadId: string; space: string }; labels: Labels } {
  const { uploadId, space, ...rest } = labels;
  if (uploadId === undefined || space === undefined || !UPLOAD_ID.test(uploadId)) return { labels };
  return { upload: { uploadId, space }, labels: rest };
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  const seconds = Math.floor((milliseconds ?? 0) / 1000);
  return seconds >= EPOCH_SECONDS && seconds < LAST_SECONDS ? seconds : undefined;
}

function deflate(text: string): Uint8Array {
  return deflateSync(new TextEncoder().encode(text), { dictionary: MAP_DICTIONARY, level: 9 });
}

function readMaps(reader: ByteReader): Record<string, unknown>[] {
  const text = inflate(reader.blob(MAX_HEADER_BYTES));
  let maps: unknown;
  try {
    maps = JSON.parse(text);
  } catch {
    throw reader.damaged("its maps are not JSON");
  }
  if (!Array.isArray(maps) || maps.length !== 3 || !maps.every(isMap))
    throw reader.damaged("its maps are not three");
  return maps;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws Refusal `damaged`, also for bytes behind the end of the stream */
function inflate(bytes: Uint8Array): string {
  try {
    const options = { info: true, dictionary: MAP_DICTIONARY, maxOutputLength: MAX_HEADER_BYTES };
    const { buffer, engine } = inflateRawSync(bytes, options) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === bytes.length) return new TextDecoder("utf-8", { fatal: true }).decode(buffer);
  } catch {
    // Said below.
  }
  throw new Refusal("damaged", "The archive's header is damaged: its maps do not inflate.");
}

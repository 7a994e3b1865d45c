import type { Source } from "../../graph/source";
import { hasMagic, latin1, viewOf } from "../sniff";

/** A member of a zip archive (PKWARE APPNOTE 6.3), with what is needed to change its bytes in place. */
export interface ZipMember {
  readonly name: string;
  /** Where the stored bytes lie. */
  readonly offset: number;
  readonly length: number;
  /** Where its CRC-32 stands: local header or data descriptor, and central directory. */
  readonly checksumAt: readonly number[];
}

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 64 << 20;

interface DirectoryEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly length: number;
  readonly header: number;
  /** Where the entry's CRC-32 stands. */
  readonly crcAt: number;
}

/**
 * Lists the members that are stored as they are: not compressed, not encrypted, with a known place for their
 * checksum and sharing no byte with another member. All others are left out.
 */
export async function storedMembers(source: Source): Promise<ZipMember[]> {
  const directory = await findDirectory(source);
  if (!directory || directory.length > MAX_DIRECTORY_BYTES) return [];
  const bytes = await source.read(directory.offset, directory.length);
  const members: ZipMember[] = [];
  for (const entry of readDirectory(bytes, directory.offset)) {
    const member = await locate(source, entry);
    if (member && member.offset + member.length <= directory.offset) members.push(member);
  }
  return withoutOverlaps(members);
}

async function findDirectory(source: Source): Promise<{ offset: number; length: number } | undefined> {
  const start = Math.max(0, source.size - END_BYTES - MAX_COMMENT_BYTES);
  const tail = await source.read(start, source.size - start);
  const view = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (!hasMagic(tail, "PK\x05\x06", at)) continue;
    const length = view.getUint32(at + 12, true);
    const offset = view.getUint32(at + 16, true);
    const directory =
      offset === 0xffffffff || length === 0xffffffff
        ? await findDirectory64(source, start + at)
        : { offset, length };
    if (directory && directory.offset + directory.length <= start + at) return directory;
  }
  return undefined;
}

/** Sections 4.3.14 and 4.3.15: the locator stands right before the end record. */
async function findDirectory64(
  source: Source,
  end: number,
): Promise<{ offset: number; length: number } | undefined> {
  if (end < 20) return undefined;
  const locator = await source.read(end - 20, 20);
  if (!hasMagic(locator, "PK\x06\x07")) return undefined;
  const record = await source.read(Number(viewOf(locator).getBigUint64(8, true)), 56);
  if (record.length < 56 || !hasMagic(record, "PK\x06\x06")) return undefined;
  const view = viewOf(record);
  return { length: Number(view.getBigUint64(40, true)), offset: Number(view.getBigUint64(48, true)) };
}

function* readDirectory(bytes: Uint8Array, offset: number): Generator<DirectoryEntry> {
  const view = viewOf(bytes);
  for (let at = 0; at + 46 <= bytes.length && hasMagic(bytes, "PK\x01\x02", at); ) {
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > bytes.length) return;
    const narrow = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
    const [length, compressed, header] = widen(narrow, bytes.subarray(nameEnd, extraEnd));
    yield {
      name: latin1(bytes.subarray(at + 46, nameEnd)),
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressed: compressed!,
      length: length!,
      header: header!,
      crcAt: offset + at + 16,
    };
    at = extraEnd + view.getUint16(at + 32, true);
  }
}

/** Section 4.5.3: the zip64 extra field holds, in this order, the numbers that did not fit into 32 bits. */
function widen(numbers: readonly number[], extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && end <= extra.length) {
      let next = at + 4;
      return numbers.map((number) => {
        if (number !== 0xffffffff || next + 8 > end) return number;
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      });
    }
    at = end;
  }
  return [...numbers];
}

const ENCRYPTED = 1;
const HAS_DESCRIPTOR = 8;

async function locate(source: Source, entry: DirectoryEntry): Promise<ZipMember | undefined> {
  if (entry.method !== 0 || entry.compressed !== entry.length || entry.flags & ENCRYPTED) return undefined;
  const header = await source.read(entry.header, 30);
  if (header.length < 30 || !hasMagic(header, "PK\x03\x04")) return undefined;
  const view = viewOf(header);
  const offset = entry.header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const member = { name: entry.name, offset, length: entry.length };
  if (view.getUint32(14, true) === entry.crc) return { ...member, checksumAt: [entry.header + 14, entry.crcAt] };
  if (!(entry.flags & HAS_DESCRIPTOR) || view.getUint32(14, true) !== 0) return undefined;
  const descriptorAt = await findDescriptor(source, offset + entry.length, entry.crc);
  return descriptorAt === undefined ? undefined : { ...member, checksumAt: [descriptorAt, entry.crcAt] };
}

/** Section 4.3.9: a data descriptor with or without its customary signature. */
async function findDescriptor(source: Source, end: number, crc: number): Promise<number | undefined> {
  const bytes = await source.read(end, 8);
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  if (hasMagic(bytes, "PK\x07\x08")) return view.getUint32(4, true) === crc ? end + 4 : undefined;
  return view.getUint32(0, true) === crc ? end : undefined;
}

function withoutOverlaps(members: ZipMember[]): ZipMember[] {
  members.sort((a, b) => a.offset - b.offset);
  const clear: ZipMember[] = [];
  let reached = 0;
  for (const [i, member] of members.entries()) {
    const end = member.offset + member.length;
    const next = members[i + 1];
    // The local header of the next member lies between its bytes and ours.
    if (member.offset >= reached && (!next || next.offset >= end)) clear.push(member);
    reached = Math.max(reached, end);
  }
  return clear;
}

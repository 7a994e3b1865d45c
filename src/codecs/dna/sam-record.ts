import { BASES, FIXED_BYTES, OPERATIONS } from "../../graph/transforms/sam/print";

/** Fields of a line before the optional ones (SAMv1, section 1.4). */
const FIELDS = 11;
const MAX_NAME_BYTES = 254;
const MAX_OPERATIONS = 0xffff;
const NO_QUALITIES = 0xff;
const QUALITY_OFFSET = 33;

const BASE_CODES = codesOf(BASES);
const OPERATION_CODES = codesOf(OPERATIONS);
/** Operations that go along the reference: M, D, N, = and X. */
const ALONG = [true, false, true, true, false, false, false, true, true];

const UNMAPPED_BIN = 4680;

/** Types of whole numbers, the smallest first. */
const INTEGERS = [
  { type: "c", bytes: 1, from: -0x80, to: -1 },
  { type: "C", bytes: 1, from: 0, to: 0xff },
  { type: "s", bytes: 2, from: -0x8000, to: -1 },
  { type: "S", bytes: 2, from: 0, to: 0xffff },
  { type: "i", bytes: 4, from: -0x80000000, to: -1 },
  { type: "I", bytes: 4, from: 0, to: 0xffffffff },
] as const;
const ELEMENT_BYTES: Record<string, number> = { c: 1, C: 1, s: 2, S: 2, i: 4, I: 4 };

/** Gives the number of a reference by its name. */
export type Numbering = (name: string) => number;

/** Thrown for a line that has no record. */
class Unparsable extends Error {}

/**
 * A line of SAM (in Latin-1, without its end) as a record of BAM (SAMv1, section 4.2); undefined where it is none. The
 * caller prints the record again to see whether it says all that the line says.
 */
export function parseRecord(line: string, numbering: Numbering): Buffer | undefined {
  const fields = line.split("\t");
  if (fields.length < FIELDS) return undefined;
  try {
    return recordOf(fields, numbering);
  } catch (error) {
    if (error instanceof Unparsable) return undefined;
    throw error;
  }
}

function recordOf(fields: readonly string[], numbering: Numbering): Buffer {
  const [name, flag, reference, position, quality, cigar, mate, matePosition, length, bases, qualities] =
    fields as readonly [string, string, string, string, string, string, string, string, string, string, string];
  if (name.length > MAX_NAME_BYTES) throw new Unparsable();
  const operations = cigarOf(cigar);
  const count = bases === "*" ? 0 : bases.length;
  const nameEnd = FIXED_BYTES + name.length + 1;
  const basesAt = nameEnd + 4 * operations.length;
  const qualitiesAt = basesAt + Math.ceil(count / 2);
  const optional = fields.slice(FIELDS).map(optionalField);
  const record = Buffer.alloc(qualitiesAt + count + optional.reduce((sum, { length }) => sum + length, 0));

  const number = reference === "*" ? -1 : numbering(reference);
  const start = integer(position, 0, 0x7fffffff) - 1;
  record.writeUInt32LE(record.length - 4, 0);
  record.writeInt32LE(number, 4);
  record.writeInt32LE(start, 8);
  record.writeUInt8(name.length + 1, 12);
  record.writeUInt8(integer(quality, 0, 0xff), 13);
  record.writeUInt16LE(binOf(start, start + spanOf(operations)), 14);
  record.writeUInt16LE(operations.length, 16);
  record.writeUInt16LE(integer(flag, 0, 0xffff), 18);
  record.writeUInt32LE(count, 20);
  record.writeInt32LE(mate === "=" ? number : mate === "*" ? -1 : numbering(mate), 24);
  record.writeInt32LE(integer(matePosition, 0, 0x7fffffff) - 1, 28);
  record.writeInt32LE(integer(length, -0x80000000, 0x7fffffff), 32);
  record.write(name, FIXED_BYTES, "latin1");
  for (const [index, operation] of operations.entries()) record.writeUInt32LE(operation, nameEnd + 4 * index);
  if (count > 0) writeBases(record, basesAt, bases);
  writeQualities(record.subarray(qualitiesAt, qualitiesAt + count), qualities);
  let at = qualitiesAt + count;
  for (const field of optional) at += field.copy(record, at);
  return record;
}

function integer(text: string, from: number, to: number): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= to)) throw new Unparsable();
  return value;
}

function codesOf(letters: string): Int8Array {
  const codes = new Int8Array(256).fill(-1);
  for (let code = 0; code < letters.length; code++) codes[letters.charCodeAt(code)] = code;
  return codes;
}

function cigarOf(text: string): number[] {
  const operations: number[] = [];
  if (text === "*") return operations;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      length = length * 10 + digit;
      continue;
    }
    const code = OPERATION_CODES[text.charCodeAt(at)] ?? -1;
    if (code < 0 || length >= 2 ** 28) throw new Unparsable();
    operations.push(length * 16 + code);
    length = 0;
  }
  if (operations.length > MAX_OPERATIONS) throw new Unparsable();
  return operations;
}

/** How many positions of the reference the operations cover, at least one. */
function spanOf(operations: readonly number[]): number {
  let span = 0;
  for (const operation of operations) if (ALONG[operation % 16]) span += Math.floor(operation / 16);
  return Math.max(span, 1);
}

/** The bin of the smallest interval of the index that holds `start..end` (SAMv1, section 5.3). */
function binOf(start: number, end: number): number {
  if (start < 0) return UNMAPPED_BIN;
  const last = end - 1;
  for (let level = 5; level > 0; level--) {
    const shift = 29 - 3 * level;
    if (start >> shift === last >> shift) return ((8 ** level - 1) / 7 + (start >> shift)) & 0xffff;
  }
  return 0;
}

function writeBases(record: Buffer, at: number, bases: string): void {
  for (let index = 0; index < bases.length; index++) {
    const code = BASE_CODES[bases.charCodeAt(index)] ?? -1;
    if (code < 0) throw new Unparsable();
    record[at + (index >> 1)]! |= index & 1 ? code : code << 4;
  }
}

function writeQualities(into: Buffer, qualities: string): void {
  if (qualities === "*") {
    into.fill(NO_QUALITIES);
    return;
  }
  if (qualities.length !== into.length) throw new Unparsable();
  for (let index = 0; index < into.length; index++) into[index] = qualities.charCodeAt(index) - QUALITY_OFFSET;
}

function optionalField(text: string): Buffer {
  if (text[2] !== ":" || text[4] !== ":") throw new Unparsable();
  const [tag, type, value] = [text.slice(0, 2), text[3]!, text.slice(5)];
  if (type === "A" && value.length === 1) return latin1(`${tag}A${value}`);
  if (type === "Z" || type === "H") return latin1(`${tag}${type}${value}\0`);
  if (type === "i") return integerField(tag, value);
  if (type === "f") return Buffer.concat([latin1(`${tag}f`), float(value)]);
  if (type === "B") return arrayField(tag, value);
  throw new Unparsable();
}

function integerField(tag: string, text: string): Buffer {
  const value = integer(text, -0x80000000, 0xffffffff);
  const { type, bytes } = INTEGERS.find(({ from, to }) => value >= from && value <= to)!;
  return Buffer.concat([latin1(`${tag}${type}`), whole(value, bytes)]);
}

function arrayField(tag: string, text: string): Buffer {
  const [type = "", ...elements] = text.split(",");
  const bytes = ELEMENT_BYTES[type] ?? 0;
  if (bytes === 0 && type !== "f") throw new Unparsable();
  const count = Buffer.alloc(4);
  count.writeUInt32LE(elements.length);
  const most = 2 ** (8 * bytes);
  const coded = elements.map((text) =>
    type === "f" ? float(text) : whole(integer(text, -most / 2, most - 1), bytes),
  );
  return Buffer.concat([latin1(`${tag}B${type}`), count, ...coded]);
}

/** Little endian; two's complement where it is negative. */
function whole(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value < 0 ? value + 2 ** (8 * bytes) : value, 0, bytes);
  return buffer;
}

function float(text: string): Buffer {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) throw new Unparsable();
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

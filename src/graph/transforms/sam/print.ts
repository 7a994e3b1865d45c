import type { Sink } from "./sink";

/** Letters of bases by their code of four bits, and of CIGAR operations (SAMv1, section 4.2). */
export const BASES = "=ACMGRSVTWYHKDBN";
export const OPERATIONS = "MIDNSHP=X";

/** Bytes of a record before its name, the length in front included. */
export const FIXED_BYTES = 36;

const [TAB, NEWLINE, COLON, COMMA, STAR, EQUALS, ZERO] = [9, 10, 58, 44, 42, 61, 48] as const;
const NO_NAME = Uint8Array.of(STAR);
const QUALITY_OFFSET = 33;
const NO_QUALITIES = 0xff;
const BASE_CODES = Uint8Array.from(BASES, (letter) => letter.charCodeAt(0));
const OPERATION_CODES = Uint8Array.from(OPERATIONS, (letter) => letter.charCodeAt(0));

/** How numbers of optional fields are read, by the letter of their type. */
const NUMBERS: Record<string, { bytes: number; read(view: DataView, at: number): number }> = {
  c: { bytes: 1, read: (view, at) => view.getInt8(at) },
  C: { bytes: 1, read: (view, at) => view.getUint8(at) },
  s: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  S: { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  i: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I: { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  f: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
};

/**
 * Prints the record of BAM at `at` as a line of SAM (SAMv1, sections 1.4, 1.5 and 4.2).
 * @param names of the references, by their number
 * @returns where the next record begins
 * @throws Error for a record that does not hold what it says
 */
export function printRecord(sink: Sink, records: Uint8Array, at: number, names: readonly Uint8Array[]): number {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  if (at + FIXED_BYTES > records.length) throw new Error("a record is cut off");
  const end = at + 4 + view.getUint32(at, true);
  const nameLength = view.getUint8(at + 12);
  const operations = view.getUint16(at + 16, true);
  const length = view.getUint32(at + 20, true);
  const cigar = at + FIXED_BYTES + nameLength;
  const bases = cigar + 4 * operations;
  const qualities = bases + Math.ceil(length / 2);
  const optional = qualities + length;
  if (nameLength < 1 || end > records.length || optional > end)
    throw new Error("a record is shorter than its fields");

  const reference = view.getInt32(at + 4, true);
  const mateReference = view.getInt32(at + 24, true);
  sink.raw(records.subarray(at + FIXED_BYTES, cigar - 1));
  sink.byte(TAB);
  sink.integer(view.getUint16(at + 18, true));
  sink.byte(TAB);
  printReference(sink, reference, names);
  sink.byte(TAB);
  sink.integer(view.getInt32(at + 8, true) + 1);
  sink.byte(TAB);
  sink.integer(view.getUint8(at + 13));
  sink.byte(TAB);
  printCigar(sink, view, cigar, operations);
  sink.byte(TAB);
  if (mateReference >= 0 && mateReference === reference) sink.byte(EQUALS);
  else printReference(sink, mateReference, names);
  sink.byte(TAB);
  sink.integer(view.getInt32(at + 28, true) + 1);
  sink.byte(TAB);
  sink.integer(view.getInt32(at + 32, true));
  sink.byte(TAB);
  printBases(sink, records, bases, length);
  sink.byte(TAB);
  printQualities(sink, records.subarray(qualities, optional));
  for (let field = optional; field < end; ) field = printField(sink, view, field, end);
  sink.byte(NEWLINE);
  return end;
}

function printReference(sink: Sink, reference: number, names: readonly Uint8Array[]): void {
  const name = reference < 0 ? NO_NAME : names[reference];
  if (!name) throw new Error(`there is no reference ${reference}`);
  sink.raw(name);
}

function printCigar(sink: Sink, view: DataView, at: number, operations: number): void {
  if (operations === 0) sink.byte(STAR);
  for (let index = 0; index < operations; index++) {
    const operation = view.getUint32(at + 4 * index, true);
    sink.integer(operation >>> 4);
    sink.byte(OPERATION_CODES[operation & 15] ?? 0);
  }
}

function printBases(sink: Sink, records: Uint8Array, at: number, length: number): void {
  if (length === 0) sink.byte(STAR);
  for (let index = 0; index < length; index++) {
    const pair = records[at + (index >> 1)]!;
    sink.byte(BASE_CODES[index & 1 ? pair & 15 : pair >> 4]!);
  }
}

function printQualities(sink: Sink, qualities: Uint8Array): void {
  if (qualities.length === 0 || qualities[0] === NO_QUALITIES) sink.byte(STAR);
  else for (const quality of qualities) sink.byte(quality + QUALITY_OFFSET);
}

/** Prints an optional field and gives where the next one begins. */
function printField(sink: Sink, view: DataView, at: number, end: number): number {
  if (at + 4 > end) throw new Error("an optional field is cut off");
  const type = String.fromCharCode(view.getUint8(at + 2));
  sink.byte(TAB);
  sink.byte(view.getUint8(at));
  sink.byte(view.getUint8(at + 1));
  sink.byte(COLON);
  sink.ascii("cCsSiI".includes(type) ? "i" : type);
  sink.byte(COLON);
  const value = at + 3;
  if (type === "A") {
    sink.byte(view.getUint8(value));
    return value + 1;
  }
  if (type === "Z" || type === "H") return printText(sink, view, value, end);
  if (type === "B") return printArray(sink, view, value, end);
  return printNumber(sink, view, value, end, type);
}

function printText(sink: Sink, view: DataView, at: number, end: number): number {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, end - at);
  const length = bytes.indexOf(0);
  if (length < 0) throw new Error("an optional text has no end");
  sink.raw(bytes.subarray(0, length));
  return at + length + 1;
}

function printArray(sink: Sink, view: DataView, at: number, end: number): number {
  if (at + 5 > end) throw new Error("an optional array is cut off");
  const type = String.fromCharCode(view.getUint8(at));
  const count = view.getUint32(at + 1, true);
  sink.ascii(type);
  let next = at + 5;
  for (let left = count; left > 0; left--) {
    sink.byte(COMMA);
    next = printNumber(sink, view, next, end, type);
  }
  return next;
}

function printNumber(sink: Sink, view: DataView, at: number, end: number, type: string): number {
  const number = NUMBERS[type];
  if (!number || at + number.bytes > end) throw new Error(`an optional field of type ${type} is cut off`);
  const value = number.read(view, at);
  if (type === "f") sink.ascii(shortFloat(value));
  else sink.integer(value);
  return at + number.bytes;
}

const DIGITS = 6;

/** A number as C's `%g` prints it (ISO C, 7.21.6.1): six digits, no zeros behind them. */
export function shortFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, power] = value.toExponential(DIGITS - 1).split("e") as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < DIGITS) return withoutZeros(value.toFixed(DIGITS - 1 - exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, String.fromCharCode(ZERO))}`;
}

function withoutZeros(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

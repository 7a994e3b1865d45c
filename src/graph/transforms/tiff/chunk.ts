import { restoreDeflate } from "../../../kernels/recompress/deflate";
import { ByteReader, ByteWriter } from "../../bytes";
import { COMPRESSIONS } from "./image";
import { encodeLzw, type LzwHabits } from "./lzw";
import { encodePackBits, type PackException, type PackHabits } from "./packbits";

/** The two bytes in front of a zlib stream (RFC 1950). */
export const ZLIB_HEADER_BYTES = 2;

/** The bytes of a chunk as its file has them. @param limit the most that they may be @throws Error */
export function compressChunk(
  compression: number,
  plain: Uint8Array,
  notes: Uint8Array,
  limit: number,
): Uint8Array {
  switch (compression) {
    case COMPRESSIONS.none:
      return plain;
    case COMPRESSIONS.deflate:
    case COMPRESSIONS.oldDeflate:
      return zlibStream(plain, notes, limit);
    case COMPRESSIONS.lzw:
      return encodeLzw(plain, readLzwNotes(notes), limit);
    case COMPRESSIONS.packBits: {
      const { habits, exceptions } = readPackNotes(notes);
      return encodePackBits(plain, habits, exceptions, limit);
    }
    default:
      throw new Error(`there is no compression ${compression}`);
  }
}

function zlibStream(plain: Uint8Array, notes: Uint8Array, limit: number): Uint8Array {
  const corrections = notes.subarray(ZLIB_HEADER_BYTES);
  const stream = restoreDeflate({ plain, corrections }, limit);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(Number(Bun.hash.adler32(plain)));
  return new Uint8Array(Buffer.concat([notes.subarray(0, ZLIB_HEADER_BYTES), stream, check]));
}

export function writeLzwNotes({ clears, countsLast }: LzwHabits): Uint8Array {
  const writer = new ByteWriter().byte(countsLast ? 1 : 0);
  for (const clear of clears) writer.varint(clear);
  return writer.finish();
}

function readLzwNotes(notes: Uint8Array): LzwHabits {
  const reader = new ByteReader(notes, "the notes of an LZW stream");
  const countsLast = reader.byte() === 1;
  const clears: number[] = [];
  while (reader.remaining > 0) clears.push(reader.varint());
  return { clears, countsLast };
}

export function writePackNotes({ row, repeats }: PackHabits, exceptions: readonly PackException[]): Uint8Array {
  const writer = new ByteWriter().varint(row).varint(repeats);
  let before = 0;
  for (const { packet, head } of exceptions) {
    writer.varint(packet - before).byte(head);
    before = packet;
  }
  return writer.finish();
}

export function readPackNotes(notes: Uint8Array): { habits: PackHabits; exceptions: PackException[] } {
  const reader = new ByteReader(notes, "the notes of a PackBits stream");
  const habits = { row: reader.varint(), repeats: reader.varint(3) };
  if (habits.row === 0 || habits.repeats < 2) throw reader.damaged("habits that there are not");
  const exceptions: PackException[] = [];
  for (let packet = 0; reader.remaining > 0; ) {
    packet += reader.varint();
    exceptions.push({ packet, head: reader.byte() });
  }
  return { habits, exceptions };
}

import type { Source } from "../../graph/source";
import { hasMagic, viewOf } from "../sniff";

/** Ogg pages (RFC 3533, section 6). */

const HEADER_BYTES = 27;
const MAX_LACINGS = 255;
const CONTINUED = 1;
const FIRST = 2;
const LAST = 4;

export interface OggPage {
  readonly flags: number;
  readonly granule: bigint;
  readonly serial: number;
  /** Lengths of the pieces that packets are cut into; less than 255 ends a packet. */
  readonly lacings: Uint8Array;
  readonly bodyOffset: number;
  /** After the page. */
  readonly end: number;
}

/** The page at `offset`, or null where there is no whole page. */
export function readOggPage(bytes: Uint8Array, offset: number): OggPage | null {
  if (!hasMagic(bytes, "OggS\0", offset) || offset + HEADER_BYTES > bytes.length) return null;
  const view = viewOf(bytes.subarray(offset));
  const lacings = bytes.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + bytes[offset + 26]!);
  const bodyOffset = offset + HEADER_BYTES + bytes[offset + 26]!;
  const end = lacings.reduce((sum, length) => sum + length, bodyOffset);
  if (end > bytes.length) return null;
  const flags = bytes[offset + 5]!;
  return { flags, granule: view.getBigInt64(6, true), serial: view.getUint32(14, true), lacings, bodyOffset, end };
}

/**
 * The first packets of the stream that starts with `bytes`, if no other stream is mixed in.
 * @returns null where fewer than `count` packets are whole
 */
export function readOggPackets(bytes: Uint8Array, count: number): Uint8Array[] | null {
  const packets: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  let serial: number | undefined;
  for (let at = 0; packets.length < count; ) {
    const page = readOggPage(bytes, at);
    serial ??= page?.serial;
    if (!page || page.serial !== serial) return null;
    let body = page.bodyOffset;
    for (const length of page.lacings) {
      pieces.push(bytes.subarray(body, body + length));
      body += length;
      if (length < 255) {
        packets.push(Buffer.concat(pieces));
        pieces = [];
      }
    }
    at = page.end;
  }
  return packets.slice(0, count);
}

/** Larger than any page (65307 bytes). */
const MAX_PAGE_BYTES = 1 << 16;
const WINDOW_BYTES = 1 << 20;

/**
 * Checks that a file is one whole logical stream: page after page, each with the right checksum and number.
 * @returns the position that the stream ends at
 * @throws RangeError what is wrong
 */
export async function checkOggStream(source: Source): Promise<bigint> {
  let window = new Uint8Array(0);
  let windowStart = 0;
  let page: OggPage | null = null;
  let serial: number | undefined;
  for (let at = 0, sequence = 0; at < source.size; sequence++) {
    if (windowStart + window.length - at < MAX_PAGE_BYTES) {
      windowStart = at;
      window = new Uint8Array(await source.read(at, WINDOW_BYTES));
    }
    page = readOggPage(window, at - windowStart);
    if (!page) throw new RangeError("it does not consist of whole Ogg pages");
    serial ??= page.serial;
    const bytes = window.slice(at - windowStart, page.end);
    const view = viewOf(bytes);
    const sum = view.getUint32(22, true);
    view.setUint32(22, 0);
    if (crc32(bytes) !== sum) throw new RangeError("an Ogg page's checksum is wrong");
    if (
      page.serial !== serial ||
      view.getUint32(18, true) !== sequence ||
      (page.flags & LAST && at + bytes.length < source.size)
    ) {
      throw new RangeError("it is more or less than one Ogg stream");
    }
    at += bytes.length;
  }
  if (!page || !(page.flags & LAST)) throw new RangeError("its Ogg stream has no end");
  return page.granule;
}

/** Writes one logical stream, packet by packet. */
export class OggWriter {
  #lacings: number[] = [];
  #pieces: Uint8Array[] = [];
  #granule = 0n;
  #sequence = 0;
  #continued = false;

  constructor(
    private readonly serial: number,
    private readonly put: (page: Uint8Array) => void,
  ) {}

  /** @param granule the position of the stream after this packet */
  write(packet: Uint8Array, granule: bigint): void {
    let at = 0;
    for (let more = true; more; at += 255) {
      if (this.#lacings.length === MAX_LACINGS) this.#page(0, at > 0);
      const piece = packet.subarray(at, at + 255);
      this.#lacings.push(piece.length);
      this.#pieces.push(piece);
      more = piece.length === 255;
    }
    this.#granule = granule;
  }

  /** Ends the page, so that the next packet begins a new one. */
  flush(last = false): void {
    if (this.#lacings.length > 0) this.#page(last ? LAST : 0, false);
  }

  #page(flags: number, packetGoesOn: boolean): void {
    const page = Buffer.concat([new Uint8Array(HEADER_BYTES), Uint8Array.from(this.#lacings), ...this.#pieces]);
    page.write("OggS", 0, "latin1");
    page[5] = flags | (this.#sequence === 0 ? FIRST : 0) | (this.#continued ? CONTINUED : 0);
    // A page on which no packet ends has no position.
    const ends = this.#lacings.some((length) => length < 255);
    page.writeBigInt64LE(ends ? this.#granule : -1n, 6);
    page.writeUInt32LE(this.serial, 14);
    page.writeUInt32LE(this.#sequence++, 18);
    page[26] = this.#lacings.length;
    page.writeUInt32LE(crc32(page), 22);
    this.#continued = packetGoesOn;
    this.#lacings = [];
    this.#pieces = [];
    this.put(page);
  }
}

const POLYNOMIAL = 0x04c11db7;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/** The page checksum, which neither reflects nor inverts. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ bytes[i]!]!;
  return crc >>> 0;
}

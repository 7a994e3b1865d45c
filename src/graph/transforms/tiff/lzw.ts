/**
 * LZW as TIFF 6.0 section 13 has it: codes of 9 to 12 bits, most significant bit first, one code early; 256 clears
 * the table, 257 ends.
 */
const CLEAR = 256;
const END = 257;
const FIRST = 258;
const TABLE = 4096;
/** Encoders clear the table when they have given this code. */
const FULL = 4094;

/** How an encoder went about it where the standard leaves the choice. */
export interface LzwHabits {
  /** Codes between clears where they are not what a full table makes them; empty if they all are. */
  readonly clears: readonly number[];
  /** Whether the code of the end counts the entry that the last string would have made. */
  readonly countsLast: boolean;
}

class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #bits = 0;

  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
  }

  put(code: number, width: number): void {
    this.#held = (this.#held << width) | code;
    this.#bits += width;
    while (this.#bits >= 8) {
      this.#bits -= 8;
      if (this.#length === this.#bytes.length) throw new Error("the LZW stream is too long");
      this.#bytes[this.#length++] = this.#held >>> this.#bits;
    }
    this.#held &= (1 << this.#bits) - 1;
  }

  finish(): Uint8Array {
    if (this.#bits > 0) this.put(0, 8 - this.#bits);
    return this.#bytes.slice(0, this.#length);
  }
}

/** Bits of a code while the next entry of the table is `next`. */
function widthOf(next: number): number {
  return next < 512 ? 9 : next < 1024 ? 10 : next < 2048 ? 11 : 12;
}

/** Each string as the code before it and its last byte. */
class Strings {
  readonly #codes = new Uint16Array(TABLE * 256);
  readonly #used: number[] = [];
  next = FIRST;

  find(prefix: number, byte: number): number {
    return this.#codes[prefix * 256 + byte]!;
  }

  add(prefix: number, byte: number): void {
    if (this.next < TABLE) {
      this.#codes[prefix * 256 + byte] = this.next;
      this.#used.push(prefix * 256 + byte);
    }
    this.next++;
  }

  clear(): void {
    for (const at of this.#used) this.#codes[at] = 0;
    this.#used.length = 0;
    this.next = FIRST;
  }
}

/** One table for all streams: it is large, and empty between them. */
const strings = new Strings();

/** The stream that an encoder of these habits makes. @param limit the most that it may be long @throws Error */
export function encodeLzw(plain: Uint8Array, { clears, countsLast }: LzwHabits, limit: number): Uint8Array {
  // At worst each byte is a code and a clear.
  const writer = new BitWriter(Math.min(limit, 3 * plain.length + 8));
  strings.clear();
  let [interval, sinceClear] = [0, 0];
  writer.put(CLEAR, 9);
  let prefix = -1;
  for (const byte of plain) {
    if (prefix < 0) {
      prefix = byte;
      continue;
    }
    const longer = strings.find(prefix, byte);
    if (longer !== 0) {
      prefix = longer;
      continue;
    }
    writer.put(prefix, widthOf(strings.next));
    strings.add(prefix, byte);
    sinceClear++;
    const due = interval < clears.length ? sinceClear === clears[interval] : strings.next >= FULL;
    if (due) {
      writer.put(CLEAR, widthOf(strings.next));
      strings.clear();
      interval++;
      sinceClear = 0;
    }
    prefix = byte;
  }
  if (prefix >= 0) {
    writer.put(prefix, widthOf(strings.next));
    if (countsLast) endTable(writer);
  }
  writer.put(END, widthOf(strings.next));
  return writer.finish();
}

/** As if one more string had come. */
function endTable(writer: BitWriter): void {
  strings.next++;
  if (strings.next !== FULL) return;
  writer.put(CLEAR, widthOf(strings.next));
  strings.clear();
}

/** A stream taken apart. */
export interface LzwParts {
  readonly plain: Uint8Array;
  /** Codes between clears. */
  readonly clears: readonly number[];
}

/** Decodes a stream of `length` bytes; undefined where it is none or does not end. */
export function decodeLzw(stream: Uint8Array, length: number): LzwParts | undefined {
  const plain = new Uint8Array(length);
  const prefixes = new Uint16Array(TABLE);
  const last = new Uint8Array(TABLE);
  const lengths = new Uint32Array(TABLE).fill(1, 0, 256);
  for (let i = 0; i < 256; i++) last[i] = i;
  const clears: number[] = [];
  let [next, before, to, at, held, bits, since] = [FIRST, -1, 0, 0, 0, 0, 0];
  for (;;) {
    // The entry of the code that comes is made after it, so a width changes one code early.
    const width = widthOf(before < 0 ? FIRST : next + 1);
    while (bits < width) {
      if (at === stream.length) return undefined;
      held = (held << 8) | stream[at++]!;
      bits += 8;
    }
    bits -= width;
    const code = held >>> bits;
    held &= (1 << bits) - 1;
    if (code === END) return to === length ? { plain, clears } : undefined;
    if (code === CLEAR) {
      if (to > 0) clears.push(since);
      [next, before, since] = [FIRST, -1, 0];
      continue;
    }
    since++;
    if (before >= 0 && next < TABLE) {
      prefixes[next] = before;
      lengths[next] = lengths[before]! + 1;
    }
    if (code > next || (code === next && before < 0) || code >= TABLE || to + lengths[code]! > length)
      return undefined;
    let place = to + lengths[code]! - 1;
    let walk = code === next ? before : code;
    if (code === next) place--;
    for (; walk >= FIRST; walk = prefixes[walk]!) plain[place--] = last[walk]!;
    plain[place] = last[walk]!;
    if (code === next) plain[to + lengths[code]! - 1] = plain[to]!;
    if (before >= 0 && next < TABLE) last[next++] = plain[to]!;
    to += lengths[code]!;
    before = code;
  }
}

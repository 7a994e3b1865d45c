import { Refusal } from "../errors";

/** Grows as needed; integers are LEB128 varints (docs/format/archive.md, "Primitives"). */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** A non-negative integer up to 2^53 - 1, seven bits a byte, least significant first. */
  varint(value: number): this {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  /** Four bytes, little endian. */
  u32(value: number): this {
    this.#reserve(4);
    new DataView(this.#bytes.buffer).setUint32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  /** The bytes alone; the reader knows their length. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Length as a varint, then the bytes. */
  blob(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** UTF-8 as a blob. */
  text(value: string): this {
    return this.blob(new TextEncoder().encode(value));
  }

  /** A copy of what was written, in a buffer of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Reads what {@link ByteWriter} wrote. Its bytes are hostile: every step is checked. */
export class ByteReader {
  #at = 0;

  /** @param what names the bytes in refusals: "the index" */
  constructor(
    readonly bytes: Uint8Array,
    readonly what: string,
  ) {}

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.bytes.length - this.#at;
  }

  /** @param limit the largest value that makes sense here */
  varint(limit = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > limit) throw this.damaged(`a number is larger than ${limit}`);
      if (byte < 0x80) {
        // One value, one spelling: equal archives are then equal bytes.
        if (byte === 0 && scale > 1) throw this.damaged("a number is not in its shortest form");
        return value;
      }
      if (scale >= 0x80 ** 7) throw this.damaged("a number has no end");
    }
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    const at = this.#at;
    this.take(4);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset).getUint32(at, true);
  }

  /** The next `length` bytes, a view. */
  take(length: number): Uint8Array {
    if (length > this.remaining) throw this.damaged(`${length} bytes wanted, ${this.remaining} left`);
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  blob(limit = this.bytes.length): Uint8Array {
    return this.take(this.varint(limit));
  }

  text(limit?: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.blob(limit));
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw this.damaged("a text is not UTF-8");
    }
  }

  /** Asserts that nothing is left. */
  end(): void {
    if (this.remaining > 0) throw this.damaged(`${this.remaining} bytes too many`);
  }

  damaged(why: string): Refusal {
    return new Refusal("damaged", `${this.what} is damaged at its byte ${this.#at}: ${why}.`);
  }
}

/** Reads bits, the most significant first. Reading past the end throws a `RangeError`. */
export class BitReader {
  /** In bits from the start of the bytes. */
  position: number;
  readonly #limit: number;

  constructor(
    private readonly bytes: Uint8Array,
    byteOffset = 0,
  ) {
    this.position = byteOffset * 8;
    this.#limit = bytes.length * 8;
  }

  get byteOffset(): number {
    return this.position >>> 3;
  }

  /** An unsigned number of at most 32 bits. */
  read(count: number): number {
    if (count === 0) return 0;
    const value = this.#window() >>> (32 - count);
    this.#advance(count);
    return value;
  }

  /** A two's complement number of 1 to 32 bits. */
  readSigned(count: number): number {
    const value = this.#window() >> (32 - count);
    this.#advance(count);
    return value;
  }

  /** The number of zeros before the next one, which is consumed too. */
  readUnary(): number {
    let zeros = 0;
    let window = this.#window();
    while (window === 0) {
      zeros += 32;
      this.#advance(32);
      window = this.#window();
    }
    const rest = Math.clz32(window);
    this.#advance(rest + 1);
    return zeros + rest;
  }

  alignToByte(): void {
    this.position = (this.position + 7) & ~7;
  }

  #window(): number {
    const bytes = this.bytes;
    const at = this.position >>> 3;
    const shift = this.position & 7;
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return shift === 0 ? word : (word << shift) | (bytes[at + 4]! >> (8 - shift));
  }

  #advance(count: number): void {
    this.position += count;
    if (this.position > this.#limit) throw new RangeError("the bits end early");
  }
}

/** Writes bits, the most significant first. */
export class BitWriter {
  #bytes = new Uint8Array(16384);
  #length = 0;
  #pending = 0;
  #pendingBits = 0;

  /** Whole bytes so far; pending bits are not counted. */
  get length(): number {
    return this.#length;
  }

  /** The low `count` bits of `value`, at most 32. */
  write(value: number, count: number): void {
    if (count > 16) {
      this.write(value >>> 16, count - 16);
      this.write(value & 0xffff, 16);
      return;
    }
    this.#pending = (this.#pending << count) | (value & ((1 << count) - 1));
    this.#pendingBits += count;
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    while (this.#pendingBits >= 8) {
      this.#pendingBits -= 8;
      this.#bytes[this.#length++] = this.#pending >>> this.#pendingBits;
    }
    this.#pending &= (1 << this.#pendingBits) - 1;
  }

  /** `zeros` zeros and a one. */
  writeUnary(zeros: number): void {
    let rest = zeros;
    for (; rest >= 16; rest -= 16) this.write(0, 16);
    this.write(1, rest + 1);
  }

  alignToByte(): void {
    if (this.#pendingBits > 0) this.write(0, 8 - this.#pendingBits);
  }

  /** The bytes written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

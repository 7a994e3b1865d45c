/** The bits of JPEG-LS: a byte behind 0xff has only seven (ITU-T T.87 section A.1). Both directions have one interface. */
export interface LsBits {
  /** Writes `value`, or reads it; gives it. @param width at most 16 */
  bits(value: number, width: number): number;
  /** The limited-length Golomb code of section A.5.3. @param rest bits of a value that is too long for it */
  golomb(value: number, k: number, limit: number, rest: number): number;
}

export class LsWriter implements LsBits {
  readonly #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #count = 0;

  constructor(limit: number) {
    this.#bytes = new Uint8Array(limit);
  }

  bits(value: number, width: number): number {
    for (let left = width; left > 0; ) {
      const room = this.#room() - this.#count;
      const taken = Math.min(room, left);
      left -= taken;
      this.#held = (this.#held << taken) | ((value >>> left) & ((1 << taken) - 1));
      this.#count += taken;
      if (this.#count === this.#room()) this.#flush();
    }
    return value;
  }

  golomb(value: number, k: number, limit: number, rest: number): number {
    const zeros = value >>> k;
    if (zeros < limit - rest - 1) {
      this.#zeros(zeros);
      this.bits(1, 1);
      this.bits(value, k);
    } else {
      this.#zeros(limit - rest - 1);
      this.bits(1, 1);
      this.bits(value - 1, rest);
    }
    return value;
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.bits(0, this.#room() - this.#count);
    return this.#bytes.slice(0, this.#length);
  }

  #zeros(count: number): void {
    for (let left = count; left > 0; left -= 16) this.bits(0, Math.min(16, left));
  }

  /** Bits of the byte that is being written. */
  #room(): number {
    return this.#length > 0 && this.#bytes[this.#length - 1] === 0xff ? 7 : 8;
  }

  #flush(): void {
    if (this.#length === this.#bytes.length) throw new Error("the scan is too long");
    this.#bytes[this.#length++] = this.#held;
    this.#held = 0;
    this.#count = 0;
  }
}

export class LsReader implements LsBits {
  #at: number;
  #held = 0;
  #count = 0;
  #afterOnes = false;

  constructor(
    readonly bytes: Uint8Array,
    from: number,
  ) {
    this.#at = from;
  }

  bits(_value: number, width: number): number {
    let value = 0;
    for (let left = width; left > 0; ) {
      if (this.#count === 0) this.#fill();
      const taken = Math.min(left, this.#count);
      this.#count -= taken;
      left -= taken;
      value = (value << taken) | ((this.#held >>> this.#count) & ((1 << taken) - 1));
    }
    return value;
  }

  golomb(_value: number, k: number, limit: number, rest: number): number {
    const most = limit - rest - 1;
    let zeros = 0;
    while (this.bits(0, 1) === 0) if (++zeros > most) throw new Error("a code has no end");
    return zeros < most ? (zeros << k) | this.bits(0, k) : this.bits(0, rest) + 1;
  }

  #fill(): void {
    if (this.#at >= this.bytes.length) throw new Error("the scan ends early");
    const byte = this.bytes[this.#at++]!;
    this.#held = byte;
    this.#count = this.#afterOnes ? 7 : 8;
    this.#afterOnes = byte === 0xff;
  }
}

const ZERO = 48;
const MINUS = 45;

/** Writes ASCII into a buffer; what goes past its end is counted, not written. */
export class Sink {
  constructor(
    readonly bytes: Uint8Array,
    public length = 0,
  ) {}

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  ascii(text: string): void {
    for (let index = 0; index < text.length; index++) this.byte(text.charCodeAt(index));
  }

  raw(bytes: Uint8Array): void {
    const room = Math.max(0, this.bytes.length - this.length);
    this.bytes.set(bytes.length > room ? bytes.subarray(0, room) : bytes, this.length);
    this.length += bytes.length;
  }

  /** A safe integer in decimal. */
  integer(value: number): void {
    if (value < 0) this.byte(MINUS);
    let rest = Math.abs(value);
    let digits = 1;
    for (let limit = 10; rest >= limit; limit *= 10) digits++;
    const end = this.length + digits;
    for (let at = end - 1; at >= this.length; at--) {
      this.bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.length = end;
  }
}

import { joinBytes, noise } from "../testing";

/** Bits, with a zero byte behind each 0xff (ITU-T T.81, F.1.2.3). */
class Bits {
  readonly #bytes: number[] = [];
  #pending = "";

  put(value: number, count: number): void {
    this.#pending += count === 0 ? "" : value.toString(2).padStart(count, "0");
    for (; this.#pending.length >= 8; this.#pending = this.#pending.slice(8)) {
      const byte = Number.parseInt(this.#pending.slice(0, 8), 2);
      this.#bytes.push(byte);
      if (byte === 0xff) this.#bytes.push(0);
    }
  }

  finish(): Uint8Array {
    this.put(0x7f >> (this.#pending.length - 1), this.#pending.length === 0 ? 0 : 8 - this.#pending.length);
    return Uint8Array.from(this.#bytes);
  }
}

/** A code in which the first half of the symbols has eight bits, the others nine. */
const CODE = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0, 0, ...Array(256).keys()]);

function putSymbol(bits: Bits, symbol: number): void {
  if (symbol < 128) bits.put(symbol, 8);
  else bits.put(128 + symbol, 9);
}

function putValue(bits: Bits, run: number, value: number): void {
  const size = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  putSymbol(bits, run * 16 + size);
  bits.put(value < 0 ? value + 2 ** size - 1 : value, size);
}

/** A grey JPEG image of `side` by `side` blocks of random coefficients. */
export function jpegImage(side: number, seed = 1): Uint8Array {
  const random = noise(side * side * 8, seed);
  const bits = new Bits();
  for (let block = 0; block < side * side; block++) {
    const values = random.subarray(block * 8, block * 8 + 8);
    putValue(bits, 0, (values[0]! & 15) - 8);
    for (const value of values.subarray(1)) putValue(bits, value >> 6, (value & 15) - 8 || 1);
    putSymbol(bits, 0);
  }
  const edge = [(side * 8) >> 8, (side * 8) & 255];
  return joinBytes(
    Uint8Array.of(0xff, 0xd8),
    segment(0xdb, [0, ...Array(64).fill(4)]),
    segment(0xc0, [8, ...edge, ...edge, 1, 1, 0x11, 0]),
    segment(0xc4, [0, ...CODE]),
    segment(0xc4, [0x10, ...CODE]),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
    bits.finish(),
    Uint8Array.of(0xff, 0xd9),
  );
}

function segment(marker: number, body: readonly number[]): Uint8Array {
  const length = body.length + 2;
  return Uint8Array.of(0xff, marker, length >> 8, length & 255, ...body);
}

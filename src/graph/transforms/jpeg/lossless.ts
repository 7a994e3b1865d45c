/** Lossless JPEG with Huffman coding: ITU-T T.81 annex H, process 14. */
import type { HuffmanTable, JpegHeader } from "./markers";
import { bytesOfNumbers, numbersOf } from "./samples";

/** Whether such images are understood: all components in one scan, none subsampled, no restarts. */
export function isLossless(header: JpegHeader): boolean {
  const { process, precision, components, tables, restart, scan, width, height } = header;
  const [predictor, end, transform] = scan;
  const plain = components.every(({ sampling, table }) => sampling === 0x11 && tables.has(table >> 4));
  const counted = components.length >= 1 && components.length <= 4 && width > 0 && height > 0;
  const sound = predictor >= 1 && predictor <= 7 && end === 0 && transform < precision;
  return process === 0xc3 && precision >= 2 && precision <= 16 && restart === 0 && plain && counted && sound;
}

/** What an image of this header predicts of its samples, which stand in `numbers` without the point transform. */
function predicted(header: JpegHeader, numbers: Uint16Array, at: number, x: number, y: number): number {
  const { components, width, precision, scan } = header;
  const step = components.length;
  const row = width * step;
  if (x === 0) return y === 0 ? 1 << (precision - scan[2] - 1) : numbers[at - row]!;
  const a = numbers[at - step]!;
  if (y === 0) return a;
  const b = numbers[at - row]!;
  switch (scan[0]) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return numbers[at - row - step]!;
    case 4:
      return a + b - numbers[at - row - step]!;
    case 5:
      return a + ((b - numbers[at - row - step]!) >> 1);
    case 6:
      return b + ((a - numbers[at - row - step]!) >> 1);
    default:
      return (a + b) >> 1;
  }
}

/** By category, how many bits a code has, and the code. */
function codesOf({ counts, values }: HuffmanTable): { lengths: Uint8Array; codes: Uint16Array } {
  const lengths = new Uint8Array(256);
  const codes = new Uint16Array(256);
  let [code, next] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < counts[length - 1]!; i++, code++, next++) {
      lengths[values[next]!] = length;
      codes[values[next]!] = code;
    }
    code <<= 1;
  }
  return { lengths, codes };
}

/** The entropy-coded bytes of an image. @param limit the most that they may be @throws Error */
export function encodeLossless(header: JpegHeader, samples: Uint8Array, limit: number): Uint8Array {
  const numbers = numbersOf(samples, header.precision).map((number) => number >> header.scan[2]);
  const tables = header.components.map(({ table }) => codesOf(header.tables.get(table >> 4)!));
  const output = new Uint8Array(limit);
  let [length, held, bits] = [0, 0, 0];
  const put = (value: number, width: number) => {
    held = (held << width) | value;
    bits += width;
    while (bits >= 8) {
      bits -= 8;
      const byte = (held >>> bits) & 0xff;
      if (length + 2 > limit) throw new Error("the scan is too long");
      output[length++] = byte;
      if (byte === 0xff) output[length++] = 0;
    }
    held &= (1 << bits) - 1;
  };
  let at = 0;
  for (let y = 0; y < header.height; y++) {
    for (let x = 0; x < header.width; x++) {
      for (const { lengths, codes } of tables) {
        const difference = ((numbers[at]! - predicted(header, numbers, at, x, y)) << 16) >> 16;
        const size = difference === -32768 ? 16 : 32 - Math.clz32(Math.abs(difference));
        if (lengths[size] === 0) throw new Error("a difference has no code");
        put(codes[size]!, lengths[size]!);
        if (size > 0 && size < 16) put(difference < 0 ? difference + (1 << size) - 1 : difference, size);
        at++;
      }
    }
  }
  if (bits > 0) put((1 << (8 - bits)) - 1, 8 - bits);
  return output.slice(0, length);
}

/** Codes of up to 16 bits: how long each is above what it stands for, by the 16 bits that begin with it. */
function lookup(table: HuffmanTable): Uint16Array {
  const found = new Uint16Array(1 << 16);
  const { lengths, codes } = codesOf(table);
  for (let value = 0; value <= 16; value++) {
    const width = lengths[value]!;
    const first = codes[value]! << (16 - width);
    if (width > 0) found.fill((width << 8) | value, first, first + (1 << (16 - width)));
  }
  return found;
}

/** The samples of an image whose entropy-coded bytes begin at `from`; undefined where they make no sense. */
export function decodeLossless(header: JpegHeader, bytes: Uint8Array, from: number): Uint8Array | undefined {
  const tables = header.components.map(({ table }) => lookup(header.tables.get(table >> 4)!));
  const numbers = new Uint16Array(header.width * header.height * tables.length);
  let [next, held, bits, at] = [from, 0, 0, 0];
  const fill = () => {
    while (bits < 16) {
      const byte = next < bytes.length ? bytes[next]! : 0xff;
      const marker = byte === 0xff && bytes[next + 1] !== 0;
      if (!marker) next += byte === 0xff ? 2 : 1;
      held = ((held & 0xffff) << 8) | byte;
      bits += 8;
    }
  };
  for (let y = 0; y < header.height; y++) {
    for (let x = 0; x < header.width; x++) {
      for (const table of tables) {
        fill();
        const found = table[(held >>> (bits - 16)) & 0xffff]!;
        if (found === 0) return undefined;
        bits -= found >> 8;
        const size = found & 0xff;
        let difference = size === 16 ? -32768 : 0;
        if (size > 0 && size < 16) {
          fill();
          bits -= size;
          const value = (held >>> bits) & ((1 << size) - 1);
          difference = value >> (size - 1) ? value : value - (1 << size) + 1;
        }
        numbers[at] = predicted(header, numbers, at, x, y) + difference;
        at++;
      }
    }
  }
  const transform = header.scan[2];
  return bytesOfNumbers(transform === 0 ? numbers : numbers.map((number) => number << transform), header.precision);
}

/** The Rice coder of tiles in FITS files, FITS Standard 4.0 section 10.4.1, as CFITSIO writes it. */

export interface RiceKind {
  /** Of a sample: 1, 2 or 4. */
  readonly bytes: number;
  /** Samples that share a parameter. */
  readonly blockSize: number;
}

/** Bits of a parameter, and the one that says that differences are written as they are. */
const PARAMETERS: Readonly<Record<number, { readonly bits: number; readonly plain: number }>> = {
  1: { bits: 3, plain: 6 },
  2: { bits: 4, plain: 14 },
  4: { bits: 5, plain: 25 },
};

/** Codes samples, of whose numbers the low bits are taken. @throws Error when they take more than `limit` bytes */
export function encodeRice(samples: Int32Array, { bytes, blockSize }: RiceKind, limit: number): Uint8Array {
  const parameters = PARAMETERS[bytes]!;
  const width = 8 * bytes;
  const writer = new BitWriter(limit);
  const unused = 32 - width;
  let last = samples[0]!;
  writer.put(last, width);
  const differences = new Uint32Array(blockSize);
  for (let start = 0; start < samples.length; start += blockSize) {
    const count = Math.min(blockSize, samples.length - start);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const next = samples[start + i]!;
      const difference = ((next - last) << unused) >> unused;
      differences[i] = (difference << 1) ^ (difference >> 31);
      sum += differences[i]!;
      last = next;
    }
    const shift = parameterOf(sum, count);
    if (shift >= parameters.plain) {
      writer.put(parameters.plain + 1, parameters.bits);
      for (let i = 0; i < count; i++) writer.put(differences[i]!, width);
    } else if (sum === 0) {
      writer.put(0, parameters.bits);
    } else {
      writer.put(shift + 1, parameters.bits);
      for (let i = 0; i < count; i++) {
        writer.zeros(differences[i]! >>> shift);
        writer.put(1, 1);
        writer.put(differences[i]!, shift);
      }
    }
  }
  return writer.finish();
}

/** How many low bits of differences of this sum are written as they are. */
function parameterOf(sum: number, count: number): number {
  const mean = Math.max(0, (sum - (count >> 1) - 1) / count);
  return 32 - Math.clz32(Math.floor(mean) >>> 1);
}

/** `count` samples and how many bytes they take; undefined where no encoder has written them. */
export function decodeRice(
  coded: Uint8Array,
  count: number,
  { bytes, blockSize }: RiceKind,
): { samples: Int32Array; used: number } | undefined {
  const parameters = PARAMETERS[bytes]!;
  const width = 8 * bytes;
  const unused = 32 - width;
  const reader = new BitReader(coded);
  const samples = new Int32Array(count);
  let last = (reader.take(width) << unused) >> unused;
  for (let start = 0; start < count; start += blockSize) {
    const end = Math.min(start + blockSize, count);
    const shift = reader.take(parameters.bits) - 1;
    if (shift > parameters.plain || reader.isLost) return undefined;
    for (let i = start; i < end; i++) {
      if (shift >= 0) {
        const folded =
          shift === parameters.plain ? reader.take(width) : reader.unary() * 2 ** shift + reader.take(shift);
        const difference = (folded >>> 1) ^ -(folded & 1);
        last = ((last + difference) << unused) >> unused;
      }
      samples[i] = last;
    }
  }
  return reader.isLost ? undefined : { samples, used: reader.used };
}

class BitWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #byte = 0;
  #free = 8;

  constructor(readonly limit: number) {}

  /** The low `count` bits of a number, the highest first. */
  put(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      const taken = Math.min(left, this.#free);
      left -= taken;
      this.#free -= taken;
      this.#byte |= ((value >>> left) & ((1 << taken) - 1)) << this.#free;
      if (this.#free === 0) this.#push();
    }
  }

  zeros(count: number): void {
    for (let left = count; left > 0; left -= 24) this.put(0, Math.min(left, 24));
  }

  finish(): Uint8Array {
    if (this.#free < 8) this.#push();
    return this.#bytes.subarray(0, this.#length);
  }

  #push(): void {
    if (this.#length === this.limit) throw new Error("the tile is too long");
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = this.#byte;
    this.#byte = 0;
    this.#free = 8;
  }
}

/** Zeros behind the end, which is then lost. */
class BitReader {
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isLost(): boolean {
    return this.#at > 8 * this.bytes.length;
  }

  /** Whole bytes that were begun. */
  get used(): number {
    return Math.ceil(this.#at / 8);
  }

  /** An unsigned number of at most 32 bits. */
  take(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const inside = this.#at & 7;
      const taken = Math.min(left, 8 - inside);
      const byte = this.bytes[this.#at >> 3] ?? 0;
      value = value * (1 << taken) + ((byte >> (8 - inside - taken)) & ((1 << taken) - 1));
      this.#at += taken;
      left -= taken;
    }
    return value;
  }

  /** How many zeros come before a one. */
  unary(): number {
    let zeros = 0;
    while (!this.isLost) {
      const inside = this.#at & 7;
      const rest = ((this.bytes[this.#at >> 3] ?? 0) << inside) & 255;
      if (rest !== 0) {
        const before = Math.clz32(rest) - 24;
        this.#at += before + 1;
        return zeros + before;
      }
      zeros += 8 - inside;
      this.#at += 8 - inside;
    }
    return zeros;
  }
}

/** JPEG-LS: ITU-T T.87 annex A. */
import { type LsBits, LsReader, LsWriter } from "./ls-bits";
import type { JpegHeader } from "./markers";
import { bytesOfNumbers, numbersOf } from "./samples";

const NO_INTERLEAVE = 0;
const BY_LINE = 1;

/** Whether such images are understood: one component, or several line by line. */
export function isJpegLs({
  process,
  precision,
  components,
  restart,
  scan,
  width,
  height,
  preset,
}: JpegHeader): boolean {
  const [near, interleave, transform] = scan;
  const order = components.length === 1 ? interleave === NO_INTERLEAVE : interleave === BY_LINE;
  const plain = components.every(({ sampling, table }) => sampling === 0x11 && table === 0);
  const counted = components.length >= 1 && components.length <= 4 && width > 0 && height > 0;
  const sound = precision >= 2 && precision <= 16 && transform === 0 && restart === 0 && order && plain && counted;
  const most = preset?.[0] || 2 ** precision - 1;
  return process === 0xf7 && sound && most < 2 ** precision && near <= Math.min(255, most >> 1);
}

export function encodeJpegLs(header: JpegHeader, samples: Uint8Array, limit: number): Uint8Array {
  const writer = new LsWriter(limit);
  new Scan(header, writer, true).code(numbersOf(samples, header.precision));
  return writer.finish();
}

/** The samples whose entropy-coded bytes begin at `from`; undefined where they make no sense. */
export function decodeJpegLs(header: JpegHeader, bytes: Uint8Array, from: number): Uint8Array | undefined {
  const numbers = new Uint16Array(header.width * header.height * header.components.length);
  try {
    new Scan(header, new LsReader(bytes, from), false).code(numbers);
  } catch {
    return undefined;
  }
  return bytesOfNumbers(numbers, header.precision);
}

/** Section A.2.1, table A.2. */
const RUNS = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** Contexts of the regular mode, of which two of the run mode follow. */
const REGULAR = 365;

/** One scan, the same steps in both directions: where samples are known they are told to the bits, else asked of them. */
class Scan {
  readonly #most: number;
  readonly #near: number;
  readonly #thresholds: readonly [number, number, number];
  readonly #reset: number;
  readonly #range: number;
  readonly #rest: number;
  readonly #limit: number;
  readonly #a = new Int32Array(REGULAR + 2);
  readonly #b = new Int32Array(REGULAR);
  readonly #c = new Int32Array(REGULAR);
  readonly #n = new Int32Array(REGULAR + 2).fill(1);
  readonly #negative = new Int32Array(2);
  readonly #runs: Int32Array;

  constructor(
    readonly header: JpegHeader,
    readonly bits: LsBits,
    readonly known: boolean,
  ) {
    const [most = 0, t1 = 0, t2 = 0, t3 = 0, reset = 0] = header.preset ?? [];
    this.#near = header.scan[0];
    this.#most = most || 2 ** header.precision - 1;
    const [d1, d2, d3] = defaultThresholds(this.#most, this.#near);
    this.#thresholds = [t1 || d1, t2 || d2, t3 || d3];
    this.#reset = reset || 64;
    this.#range = Math.floor((this.#most + 2 * this.#near) / (2 * this.#near + 1)) + 1;
    this.#rest = 32 - Math.clz32(this.#range - 1);
    const bpp = Math.max(2, 32 - Math.clz32(this.#most));
    this.#limit = 2 * (bpp + Math.max(8, bpp));
    this.#a.fill(Math.max(2, (this.#range + 32) >> 6));
    this.#runs = new Int32Array(header.components.length);
  }

  /** Codes samples that are interleaved by pixel in `numbers`. */
  code(numbers: Uint16Array): void {
    const { width, height, components } = this.header;
    const step = components.length;
    // Each line has a sample more at both ends.
    let above = components.map(() => new Int32Array(width + 2));
    let lines = components.map(() => new Int32Array(width + 2));
    for (let y = 0; y < height; y++) {
      for (let component = 0; component < step; component++) {
        const line = lines[component]!;
        const before = above[component]!;
        const from = y * width * step + component;
        if (this.known) for (let x = 0; x < width; x++) line[x + 1] = numbers[from + x * step]!;
        before[width + 1] = before[width]!;
        line[0] = before[1]!;
        this.#line(line, before, component);
        if (!this.known) for (let x = 0; x < width; x++) numbers[from + x * step] = line[x + 1]!;
      }
      [above, lines] = [lines, above];
    }
  }

  #line(line: Int32Array, above: Int32Array, component: number): void {
    const { width } = this.header;
    for (let x = 1; x <= width; ) {
      const [a, b, c, d] = [line[x - 1]!, above[x]!, above[x - 1]!, above[x + 1]!];
      const context = (this.#grade(d - b) * 9 + this.#grade(b - c)) * 9 + this.#grade(c - a);
      if (context === 0) x = this.#run(line, above, x, component);
      else {
        line[x] = this.#regular(line[x]!, context, a, b, c);
        x++;
      }
    }
  }

  #grade(difference: number): number {
    const size = Math.abs(difference);
    if (size <= this.#near) return 0;
    const [t1, t2, t3] = this.#thresholds;
    const grade = size < t1 ? 1 : size < t2 ? 2 : size < t3 ? 3 : 4;
    return difference < 0 ? -grade : grade;
  }

  /** Sections A.4 to A.6. */
  #regular(sample: number, context: number, a: number, b: number, c: number): number {
    const sign = context < 0 ? -1 : 1;
    const q = Math.abs(context);
    const median = c >= Math.max(a, b) ? Math.min(a, b) : c <= Math.min(a, b) ? Math.max(a, b) : a + b - c;
    const predicted = Math.max(0, Math.min(this.#most, median + sign * this.#c[q]!));
    const k = this.#parameter(this.#a[q]!, this.#n[q]!);
    const turned = this.#near === 0 && k === 0 && 2 * this.#b[q]! <= -this.#n[q]!;
    const told = this.known ? this.#reduced(sign * (sample - predicted)) : 0;
    const folded = turned ? (told >= 0 ? 2 * told + 1 : -2 * (told + 1)) : told >= 0 ? 2 * told : -2 * told - 1;
    const found = this.bits.golomb(folded, k, this.#limit, this.#rest);
    const odd = (found & 1) === 1;
    const error = turned ? (odd ? found >> 1 : -(found >> 1) - 1) : odd ? -((found + 1) >> 1) : found >> 1;
    this.#learn(q, error);
    return this.known ? sample : this.#restored(predicted, sign * error);
  }

  #learn(q: number, error: number): void {
    this.#b[q]! += error * (2 * this.#near + 1);
    this.#a[q]! += Math.abs(error);
    if (this.#n[q] === this.#reset) {
      this.#a[q]! >>= 1;
      this.#b[q]! >>= 1;
      this.#n[q]! >>= 1;
    }
    const n = ++this.#n[q]!;
    if (this.#b[q]! <= -n) {
      this.#b[q] = Math.max(this.#b[q]! + n, -n + 1);
      if (this.#c[q]! > -128) this.#c[q]!--;
    } else if (this.#b[q]! > 0) {
      this.#b[q] = Math.min(this.#b[q]! - n, 0);
      if (this.#c[q]! < 127) this.#c[q]!++;
    }
  }

  #parameter(sum: number, count: number): number {
    let k = 0;
    while (k < 16 && count << k < sum) k++;
    return k;
  }

  /** An error of the prediction as it is coded. */
  #reduced(error: number): number {
    const step = 2 * this.#near + 1;
    let coded = error > 0 ? Math.floor((error + this.#near) / step) : -Math.floor((this.#near - error) / step);
    if (coded < 0) coded += this.#range;
    return coded >= (this.#range + 1) >> 1 ? coded - this.#range : coded;
  }

  #restored(predicted: number, error: number): number {
    const step = 2 * this.#near + 1;
    let value = predicted + error * step;
    if (value < -this.#near) value += this.#range * step;
    else if (value > this.#most + this.#near) value -= this.#range * step;
    return Math.max(0, Math.min(this.#most, value));
  }

  /** Section A.7. @returns where the regular mode goes on */
  #run(line: Int32Array, above: Int32Array, from: number, component: number): number {
    const { width } = this.header;
    const value = line[from - 1]!;
    const end = this.#runLength(line, from, value, component);
    if (!this.known) line.fill(value, from, end);
    if (end > width) return end;
    line[end] = this.#interruption(line[end]!, value, above[end]!, RUNS[this.#runs[component]!]!);
    if (this.#runs[component]! > 0) this.#runs[component]!--;
    return end + 1;
  }

  /** Codes how far a run reaches; gives the first place behind it. */
  #runLength(line: Int32Array, from: number, value: number, component: number): number {
    const { width } = this.header;
    let end = from;
    if (this.known) while (end <= width && Math.abs(line[end]! - value) <= this.#near) end++;
    let at = from;
    while (at <= width) {
      const order = RUNS[this.#runs[component]!]!;
      const whole = this.bits.bits(end - at >= 1 << order || end > width ? 1 : 0, 1);
      if (whole === 0) return at + this.bits.bits(end - at, order);
      if (at + (1 << order) <= width + 1 && this.#runs[component]! < 31) this.#runs[component]!++;
      at += 1 << order;
    }
    return width + 1;
  }

  #interruption(sample: number, a: number, b: number, order: number): number {
    const type = Math.abs(a - b) <= this.#near ? 1 : 0;
    const sign = type === 0 && a > b ? -1 : 1;
    const predicted = type === 1 ? a : b;
    const q = REGULAR + type;
    const k = this.#parameter(this.#a[q]! + (type === 1 ? this.#n[q]! >> 1 : 0), this.#n[q]!);
    const mostlyNegative = 2 * this.#negative[type]! >= this.#n[q]!;
    const told = this.known ? this.#reduced(sign * (sample - predicted)) : 0;
    const map = told > 0 ? k === 0 && !mostlyNegative : told < 0 && (k !== 0 || mostlyNegative);
    const folded = 2 * Math.abs(told) - type - (map ? 1 : 0);
    const found = this.bits.golomb(folded, k, this.#limit - order - 1, this.#rest);
    const odd = ((found + type) & 1) === 1;
    const size = (found + type + 1) >> 1;
    const error = (k !== 0 || mostlyNegative) === odd ? -size : size;
    if (error < 0) this.#negative[type]!++;
    this.#a[q]! += (found + 1 - type) >> 1;
    if (this.#n[q] === this.#reset) {
      this.#a[q]! >>= 1;
      this.#n[q]! >>= 1;
      this.#negative[type]! >>= 1;
    }
    this.#n[q]!++;
    return this.known ? sample : this.#restored(predicted, sign * error);
  }
}

/** Section C.2.4.1.1.1. */
function defaultThresholds(most: number, near: number): readonly [number, number, number] {
  const within = (value: number, least: number) => (value > most || value < least ? least : value);
  if (most >= 128) {
    const factor = (Math.min(most, 4095) + 128) >> 8;
    const t1 = within(factor + 2 + 3 * near, near + 1);
    const t2 = within(4 * factor + 3 + 5 * near, t1);
    return [t1, t2, within(17 * factor + 4 + 7 * near, t2)];
  }
  const factor = Math.floor(256 / (most + 1));
  const t1 = within(Math.max(2, Math.floor(3 / factor) + 3 * near), near + 1);
  const t2 = within(Math.max(3, Math.floor(7 / factor) + 5 * near), t1);
  return [t1, t2, within(Math.max(4, Math.floor(21 / factor) + 7 * near), t2)];
}

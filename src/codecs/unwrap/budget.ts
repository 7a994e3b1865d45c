import { type DeflateParts, MAX_PLAIN_BYTES, MAX_SPARSE_BYTES } from "../../kernels/recompress/deflate";
import type { Found } from "./found";

/** What a file may hold in streams before the rest stays compressed: only bombs hold more. */
const FILE_ALLOWANCE = 64 << 20;
const EXPANSION_ALLOWANCE = 32;

/** Large streams that expand more than this are bombs, unless something else tells their size, too. */
const MAX_EXPANSION = 200;
const LARGE_BYTES = 1 << 20;

/** Streams that expand more than this are sparse. */
const SPARSE_EXPANSION = 32;

/** What the streams of one segment may hold. */
const SEGMENT_ALLOWANCE = MAX_SPARSE_BYTES;

/** Bytes inflated in vain after which a file is not searched any more: it is made of bombs. */
const MAX_REFUSED_BYTES = 128 << 20;

/** The share of a stream that its corrections may take: more would eat what a better model gains. */
const MAX_CORRECTIONS_SHARE = 0.2;

/** What all corrections begin with hardly differs between the streams of a file. */
const FIXED_CORRECTIONS_BYTES = 24;

/** How much the streams of a file, and of one segment of it, may still hold. */
export class Budget {
  #file: number;
  #segment = SEGMENT_ALLOWANCE;
  #refused = 0;

  /** @param size bytes of the file */
  constructor(size: number) {
    this.#file = FILE_ALLOWANCE + EXPANSION_ALLOWANCE * size;
  }

  /** Begins a segment. */
  refill(): void {
    this.#segment = SEGMENT_ALLOWANCE;
  }

  /** Whether a segment that begins with this stream had room for it, though this one has not. */
  wouldFitNext(found: Found): boolean {
    return this.#segment < SEGMENT_ALLOWANCE && sizeOf(found) > this.#segment && this.#allows(found);
  }

  fits(found: Found): boolean {
    const fits = sizeOf(found) <= this.#segment && this.#allows(found);
    if (!fits) this.#refused += sizeOf(found);
    return fits;
  }

  /** Whether the search should end. */
  get isSpent(): boolean {
    return this.#refused > MAX_REFUSED_BYTES;
  }

  #allows(found: Found): boolean {
    const [size, length] = [sizeOf(found), found.end - found.start];
    const limit = size > SPARSE_EXPANSION * length ? MAX_SPARSE_BYTES : MAX_PLAIN_BYTES;
    if (size > this.#file || size > limit) return false;
    return size < LARGE_BYTES || size <= MAX_EXPANSION * length || found.isDeclared === true;
  }

  spend(bytes: number): void {
    this.#segment -= bytes;
    this.#file -= bytes;
  }
}

function sizeOf({ plain, start, end }: Found): number {
  return plain?.length ?? end - start;
}

/** Whether what is left to say about a stream is little enough. @param length bytes of the stream */
export function pays({ corrections }: DeflateParts, length: number): boolean {
  return corrections.length <= MAX_CORRECTIONS_SHARE * length + FIXED_CORRECTIONS_BYTES;
}

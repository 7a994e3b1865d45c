import { crc32 } from "node:zlib";
import type { Source } from "../../graph/source";
import type { FileWriter } from "../file-writer";
import { viewOf } from "../sniff";
import { type Checksum, ELEMENTS, isFloat, type Layout, type Region } from "./layout";
import { roundFloats } from "./round";

/** A multiple of every element's width. */
const CHUNK_BYTES = 1 << 20;

/** Copies a weights file with its floating-point elements shortened, and puts right the checksums over them. */
export async function writeRounded(
  source: Source,
  { regions, checksums }: Layout,
  dropBits: number,
  writer: FileWriter,
): Promise<{ values: number; rounded: number }> {
  const fixer = new ChecksumFixer(checksums, writer);
  let values = 0;
  let rounded = 0;
  for (const { offset, length, region } of stretches(regions, source.size)) {
    for (let at = offset; at < offset + length; at += CHUNK_BYTES) {
      // A copy: what a source gives may be its own memory, and elements must be aligned.
      const bytes = new Uint8Array(await source.read(at, Math.min(CHUNK_BYTES, offset + length - at)));
      const changed = isFloat(region?.type) ? roundFloats(bytes, region.type, region.bigEndian, dropBits) : 0;
      writer.write(bytes);
      fixer.pass(bytes, at, changed > 0);
      rounded += changed;
    }
    if (isFloat(region?.type)) values += length / ELEMENTS[region.type].width;
  }
  fixer.finish();
  return { values, rounded };
}

interface Stretch {
  readonly offset: number;
  readonly length: number;
  readonly region?: Region;
}

/** Regions and the gaps between them, in file order. */
function* stretches(regions: readonly Region[], size: number): Generator<Stretch> {
  let at = 0;
  for (const region of regions) {
    if (region.offset > at) yield { offset: at, length: region.offset - at };
    yield { offset: region.offset, length: region.length, region };
    at = region.offset + region.length;
  }
  if (size > at) yield { offset: at, length: size - at };
}

/** Follows the bytes as they are written; a range that changed gets its new CRC-32 in every place that states it. */
class ChecksumFixer {
  readonly #patches: { at: number; crc: number }[] = [];
  #next = 0;
  #crc = 0;
  #changed = false;

  constructor(
    readonly checksums: readonly Checksum[],
    readonly writer: FileWriter,
  ) {}

  /** @param bytes the file's new content at `offset`, right behind the last call's */
  pass(bytes: Uint8Array, offset: number, changed: boolean): void {
    const end = offset + bytes.length;
    for (let checksum = this.checksums[this.#next]; checksum && checksum.offset < end; ) {
      const from = Math.max(0, checksum.offset - offset);
      const stop = checksum.offset + checksum.length;
      this.#crc = crc32(bytes.subarray(from, Math.min(bytes.length, stop - offset)), this.#crc);
      this.#changed ||= changed;
      if (stop > end) return;
      if (this.#changed) for (const at of checksum.at) this.#patches.push({ at, crc: this.#crc });
      this.#crc = 0;
      this.#changed = false;
      checksum = this.checksums[++this.#next];
    }
  }

  /** Patches come last: some stand behind their range. */
  finish(): void {
    const bytes = new Uint8Array(4);
    for (const { at, crc } of this.#patches) {
      viewOf(bytes).setUint32(0, crc, true);
      this.writer.patch(at, bytes);
    }
  }
}

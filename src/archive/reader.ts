import { Refusal } from "../errors";
import { ByteReader } from "../graph/bytes";
import type { Source } from "../graph/source";
import { checksum } from "../kernels/checksum";
import { type ArchiveHeader, FORMAT_VERSION, MAGIC } from "./format";
import { MAX_HEADER_BYTES, readHeader } from "./header";
import { frameOverhead, type Index, readIndex, TAG } from "./index-section";
import { surveyPrefix } from "./survey";
import { readTrailer } from "./trailer";

/** Where a block lies in the archive, and which bytes of the content it holds. */
export interface BlockPlace {
  /** Of the block's frame in the archive. */
  readonly offset: number;
  readonly frameBytes: number;
  readonly storedLength: number;
  /** Of the block's bytes in the content. */
  readonly contentOffset: number;
  readonly contentLength: number;
}

/** A shared part that blocks refer to by its place in this list. */
export interface PartPlace {
  readonly sha256: string;
  /** Bytes of its content. */
  readonly bytes: number;
  readonly embedded: boolean;
  /** Of its own archive inside this one; both 0 when it lies elsewhere. */
  readonly offset: number;
  readonly archiveBytes: number;
}

/** A block's stored bytes, checked, and what they must decode to. */
export interface StoredBlock {
  readonly stored: Uint8Array;
  readonly length: number;
  /** Of the content, see `kernels/checksum.ts`. */
  readonly checksum: number;
}

/** Most archives are open after these two reads. */
const HEAD_BYTES = 4 << 10;
const TAIL_BYTES = 64 << 10;
const MAX_INDEX_BYTES = 256 << 20;
/** Magic, version, header length, header checksum. */
const PREAMBLE_BYTES = MAGIC.length + 8 + 8 + 4;

/** Random access to an archive: reads header, trailer, index and then only the blocks asked for. */
export class ArchiveReader {
  readonly segments: readonly BlockPlace[];
  readonly parts: readonly PartPlace[];
  readonly contentBytes: number;
  readonly contentSha256: string;

  private constructor(
    readonly source: Source,
    readonly header: ArchiveHeader,
    /** Bytes before the first frame. */
    readonly headerBytes: number,
    readonly index: Index,
    indexOffset: number,
  ) {
    const { blocks, parts, end } = layOut(index, headerBytes);
    if (end !== indexOffset) throw damaged(`its index describes ${end} bytes where ${indexOffset} are`);
    this.segments = blocks;
    this.parts = parts;
    this.contentSha256 = index.contentSha256;
    this.contentBytes = blocks.reduce((sum, block) => sum + block.contentLength, 0);
  }

  /** @throws Refusal `damaged`: the message says what and where, and how much is whole */
  static async open(source: Source): Promise<ArchiveReader> {
    const { header, bytes: headerBytes } = await openHeader(source);
    try {
      const { index, offset } = await openIndex(source, headerBytes);
      return new ArchiveReader(source, header, headerBytes, index, offset);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "damaged") throw error;
      const { blocks, contentBytes, end } = await surveyPrefix(source, headerBytes);
      const whole = `${blocks} whole blocks with ${contentBytes} bytes of content lie before byte ${end}`;
      throw new Refusal("damaged", `${error.message} ${whole}.`, { blocks, contentBytes, end });
    }
  }

  /** Reads one block. @throws Refusal `damaged` naming the block and its place */
  async readBlock(index: number): Promise<StoredBlock> {
    const place = this.segments[index]!;
    const frame = await this.source.read(place.offset, place.frameBytes);
    const reader = new ByteReader(frame, `Block ${index} at byte ${place.offset}`);
    if (reader.byte() !== TAG.block) throw blockDamaged(index, place, "its frame does not start as one");
    if (reader.varint() !== place.contentLength || reader.varint() !== place.storedLength) {
      throw blockDamaged(index, place, "its lengths are not those of the index");
    }
    const contentChecksum = reader.u32();
    const storedChecksum = reader.u32();
    const stored = reader.take(place.storedLength);
    if (checksum(stored) !== storedChecksum) {
      throw blockDamaged(index, place, "its stored bytes do not match their checksum");
    }
    return { stored, length: place.contentLength, checksum: contentChecksum };
  }

  /** The blocks that hold `[start, end)` of the content: first and one past the last. */
  blocksOf(start: number, end: number): [first: number, past: number] {
    if (start >= end) return [0, 0];
    return [this.#blockAt(start), this.#blockAt(end - 1) + 1];
  }

  #blockAt(position: number): number {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segments[middle]!.contentOffset <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Names the block in a refusal about it. */
export function blockDamaged(index: number, place: BlockPlace, why: string): Refusal {
  return new Refusal("damaged", `Block ${index} at byte ${place.offset} is damaged: ${why}.`, {
    block: index,
    offset: place.offset,
  });
}

async function openHeader(source: Source): Promise<{ header: ArchiveHeader; bytes: number }> {
  let head = await source.read(0, HEAD_BYTES);
  if (Buffer.compare(head.subarray(0, MAGIC.length), MAGIC) !== 0) {
    throw new Refusal("damaged", "This is not a Smallest archive: it does not begin as one.");
  }
  const start = new ByteReader(head.subarray(MAGIC.length), "The archive's header");
  const version = start.varint();
  if (version !== FORMAT_VERSION) {
    throw new Refusal(
      "damaged",
      `The archive is of format version ${version}; this release reads ${FORMAT_VERSION}.`,
    );
  }
  const length = start.varint(MAX_HEADER_BYTES);
  if (length + PREAMBLE_BYTES > head.length) head = await source.read(0, length + PREAMBLE_BYTES);
  const reader = new ByteReader(head, "The archive's header");
  reader.take(MAGIC.length + start.position);
  const bytes = reader.take(length);
  if (reader.u32() !== checksum(bytes)) throw damaged("its header does not match its checksum");
  return { header: readHeader(bytes), bytes: reader.position };
}

async function openIndex(source: Source, headerBytes: number): Promise<{ index: Index; offset: number }> {
  const available = source.size - headerBytes;
  let tail = await source.read(Math.max(headerBytes, source.size - TAIL_BYTES), TAIL_BYTES);
  const end = readTrailer(tail);
  const span = 1 + end.indexBytes + end.trailerBytes;
  if (span > Math.min(available, MAX_INDEX_BYTES)) {
    throw damaged(`it has no end; it may have been cut off at byte ${source.size}`);
  }
  if (span > tail.length) tail = await source.read(source.size - span, span);
  const frame = tail.subarray(tail.length - span);
  const bytes = frame.subarray(1, 1 + end.indexBytes);
  if (frame[0] !== TAG.index || checksum(bytes) !== end.checksum) {
    throw damaged(`it has no whole index; it may have been cut off at byte ${source.size}`);
  }
  return { index: readIndex(bytes), offset: source.size - span };
}

function layOut(index: Index, start: number) {
  const blocks: BlockPlace[] = [];
  const parts: PartPlace[] = [];
  let offset = start;
  let contentOffset = 0;
  for (const entry of index.entries) {
    const overhead = frameOverhead(entry);
    const storedLength = entry.kind === "external" ? 0 : entry.storedLength;
    if (entry.kind === "block") {
      const frameBytes = overhead + storedLength;
      blocks.push({ offset, frameBytes, storedLength, contentOffset, contentLength: entry.length });
      contentOffset += entry.length;
    } else {
      const embedded = entry.kind === "embedded";
      const at = embedded ? offset + overhead : 0;
      parts.push({ sha256: entry.sha256, bytes: entry.length, embedded, offset: at, archiveBytes: storedLength });
    }
    offset += overhead + storedLength;
  }
  return { blocks, parts, end: offset };
}

function damaged(why: string): Refusal {
  return new Refusal("damaged", `The archive is damaged: ${why}.`);
}

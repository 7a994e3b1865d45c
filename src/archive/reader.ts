import { Refusal } from "../errors";
import { ByteReader } from "../graph/bytes";
import type { Source } from "../graph/source";
import { type ContentCheck, checksum } from "../kernels/checksum";
import { type ArchiveHeader, FORMAT_VERSION, LAYOUT, MAGIC, MAX_SHORT_BYTES } from "./format";
import { MAX_HEADER_BYTES, readHeader } from "./header";
import { type BlockEntry, type Entry, frameOverhead, type Index, isBlock, readIndex, TAG } from "./index-section";
import { readShort } from "./short";
import { surveyPrefix } from "./survey";
import { readTrailer } from "./trailer";

/** Where a block lies in the archive, and which bytes of the content it holds. */
export interface BlockPlace {
  readonly kind: BlockEntry["kind"];
  /** Of the block's frame in the archive; of its stored bytes in the short layout, which has no frames. */
  readonly offset: number;
  readonly frameBytes: number;
  readonly storedLength: number;
  /** Of the block's bytes in the content. */
  readonly contentOffset: number;
  readonly contentLength: number;
}

/** A shared part that blocks refer to by its place in this list. */
export interface PartPlace {
  /** See `partName`. */
  readonly name: string;
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
  readonly check: ContentCheck;
}

/** Most archives are open after these two reads. */
const HEAD_BYTES = 4 << 10;
const TAIL_BYTES = 64 << 10;
const MAX_INDEX_BYTES = 256 << 20;
/** Magic, layout, header length, header checksum. */
const PREAMBLE_BYTES = MAGIC.length + 1 + 8 + 4;

/** What was read to open an archive. */
interface Opened {
  readonly header: ArchiveHeader;
  readonly contentSha256: string;
  readonly entries: readonly Entry[];
  readonly blocks: readonly BlockPlace[];
  readonly parts: readonly PartPlace[];
  /** The only block of the short layout, which was read, and checked, with the rest. */
  readonly stored?: Uint8Array;
}

/** Random access to an archive: reads header, trailer, index and then only the blocks asked for. */
export class ArchiveReader {
  readonly header: ArchiveHeader;
  /** What follows the header, in the order of the file. */
  readonly entries: readonly Entry[];
  readonly segments: readonly BlockPlace[];
  readonly parts: readonly PartPlace[];
  readonly contentBytes: number;
  readonly contentSha256: string;
  readonly #stored: Uint8Array | undefined;

  private constructor(
    readonly source: Source,
    { header, contentSha256, entries, blocks, parts, stored }: Opened,
  ) {
    this.header = header;
    this.entries = entries;
    this.segments = blocks;
    this.parts = parts;
    this.contentSha256 = contentSha256;
    this.contentBytes = blocks.reduce((sum, block) => sum + block.contentLength, 0);
    this.#stored = stored;
  }

  /** @throws Refusal `damaged`: the message says what and where, and how much is whole */
  static async open(source: Source): Promise<ArchiveReader> {
    const head = await source.read(0, HEAD_BYTES);
    const layout = layoutOf(head);
    return new ArchiveReader(source, await (layout === LAYOUT.short ? openShort : openFramed)(source, head));
  }

  /** Reads one block. @throws Refusal `damaged` naming the block and its place */
  async readBlock(index: number): Promise<StoredBlock> {
    const place = this.segments[index]!;
    const length = place.contentLength;
    const whole = { sha256: this.contentSha256 };
    if (this.#stored) return { stored: this.#stored, length, check: whole };
    const frame = await this.source.read(place.offset, place.frameBytes);
    const reader = new ByteReader(frame, `Block ${index} at byte ${place.offset}`);
    if (reader.byte() !== TAG[place.kind]) throw blockDamaged(index, place, "its frame does not start as one");
    if (reader.varint() !== length || reader.varint() !== place.storedLength) {
      throw blockDamaged(index, place, "its lengths are not those of the index");
    }
    const check = place.kind === "lone" ? whole : { checksum: reader.u32() };
    const storedChecksum = reader.u32();
    const stored = reader.take(place.storedLength);
    if (checksum(stored) !== storedChecksum) {
      throw blockDamaged(index, place, "its stored bytes do not match their checksum");
    }
    return { stored, length, check };
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

/** The byte that says how an archive is laid out. @throws Refusal `damaged` when it is none, or a later one */
function layoutOf(head: Uint8Array): number {
  if (head.length <= MAGIC.length || Buffer.compare(head.subarray(0, MAGIC.length), MAGIC) !== 0) {
    throw new Refusal("damaged", "This is not a Smallest archive: it does not begin as one.");
  }
  const layout = head[MAGIC.length]!;
  if (layout === LAYOUT.framed || layout === LAYOUT.short) return layout;
  throw new Refusal("damaged", `The archive is of a later format; this release reads version ${FORMAT_VERSION}.`);
}

async function openShort(source: Source, head: Uint8Array): Promise<Opened> {
  const bytes =
    source.size <= head.length ? head : await source.read(0, Math.min(source.size, MAX_SHORT_BYTES + 1));
  const { header, contentSha256, parts: entries, block } = readShort(bytes);
  const parts = entries.map((entry) => partPlace(entry, 0));
  if (!block) return { header, contentSha256, entries, blocks: [], parts };
  const { length, stored } = block;
  const storedLength = stored.length;
  const offset = stored.byteOffset - bytes.byteOffset;
  const entry = { kind: "lone", length, storedLength } as const;
  const place = { ...blockPlace(entry, offset, 0), frameBytes: storedLength };
  return { header, contentSha256, entries: [...entries, entry], blocks: [place], parts, stored };
}

async function openFramed(source: Source, head: Uint8Array): Promise<Opened> {
  const { header, bytes: headerBytes } = await openHeader(source, head);
  try {
    const { index, offset } = await openIndex(source, headerBytes);
    const { blocks, parts, end } = layOut(index, headerBytes);
    if (end !== offset) throw damaged(`its index describes ${end} bytes where ${offset} are`);
    return { header, ...index, blocks, parts };
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== "damaged") throw error;
    const { blocks, contentBytes, end } = await surveyPrefix(source, headerBytes);
    const whole = `${blocks} whole blocks with ${contentBytes} bytes of content lie before byte ${end}`;
    throw new Refusal("damaged", `${error.message} ${whole}.`, { blocks, contentBytes, end });
  }
}

/** @returns the header, and the bytes before the first frame */
async function openHeader(source: Source, head: Uint8Array): Promise<{ header: ArchiveHeader; bytes: number }> {
  const prefix = MAGIC.length + 1;
  const start = new ByteReader(head.subarray(prefix), "The archive's header");
  const length = start.varint(MAX_HEADER_BYTES);
  const enough = length + PREAMBLE_BYTES <= head.length ? head : await source.read(0, length + PREAMBLE_BYTES);
  const reader = new ByteReader(enough, "The archive's header");
  reader.take(prefix + start.position);
  const bytes = reader.take(length);
  if (reader.u32() !== checksum(bytes)) throw damaged("its header does not match its checksum");
  const fields = new ByteReader(bytes, "The archive's header");
  const header = readHeader(fields);
  fields.end();
  return { header, bytes: reader.position };
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
    if (isBlock(entry)) {
      blocks.push(blockPlace(entry, offset, contentOffset));
      contentOffset += entry.length;
    } else {
      parts.push(partPlace(entry, offset));
    }
    offset += frameOverhead(entry) + (entry.kind === "external" ? 0 : entry.storedLength);
  }
  return { blocks, parts, end: offset };
}

function blockPlace(entry: BlockEntry, offset: number, contentOffset: number): BlockPlace {
  const { kind, length: contentLength, storedLength } = entry;
  return {
    kind,
    offset,
    frameBytes: frameOverhead(entry) + storedLength,
    storedLength,
    contentOffset,
    contentLength,
  };
}

function partPlace(entry: Exclude<Entry, BlockEntry>, offset: number): PartPlace {
  const { name, length: bytes } = entry;
  if (entry.kind === "external") return { name, bytes, embedded: false, offset: 0, archiveBytes: 0 };
  return { name, bytes, embedded: true, offset: offset + frameOverhead(entry), archiveBytes: entry.storedLength };
}

function damaged(why: string): Refusal {
  return new Refusal("damaged", `The archive is damaged: ${why}.`);
}

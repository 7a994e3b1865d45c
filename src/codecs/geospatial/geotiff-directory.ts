import type { Source } from "../../graph/source";
import { viewOf } from "../sniff";

/** Strips or tiles of one image directory. */
export interface TiffImage {
  /** Of a tile, or of the whole image where it has strips. */
  readonly width: number;
  /** Rows of a tile or of a whole strip. */
  readonly rows: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly tiled: boolean;
  /** Tag 317. */
  readonly predictor: number;
  /** Samples that a chunk holds of each pixel. */
  readonly channels: number;
  /** Chunks of one channel follow those of another. */
  readonly separate: boolean;
  readonly samples: number;
  readonly bits: number;
  /** Tag 259. */
  readonly compression: number;
  /** Tag 339: 1 unsigned, 2 signed, 3 floating point. */
  readonly format: number;
  /** Tables that all JPEG chunks have in common (tag 347); empty where there are none. */
  readonly jpegTables: Uint8Array;
  /** A whole JPEG image that the strips are pieces of (tags 513 and 514). */
  readonly interchange?: TiffChunk;
  /** In the order of their place in the image. */
  readonly chunks: readonly TiffChunk[];
}

export interface TiffChunk {
  readonly offset: number;
  readonly length: number;
}

export interface TiffFile {
  readonly bigEndian: boolean;
  readonly images: readonly TiffImage[];
}

/** TIFF 6.0 section 2. */
const WIDTH = 256;
const HEIGHT = 257;
const BITS = 258;
const COMPRESSION = 259;
const STRIP_OFFSETS = 273;
const SAMPLES = 277;
const STRIP_ROWS = 278;
const STRIP_LENGTHS = 279;
const PLANAR = 284;
const TILE_WIDTH = 322;
const TILE_HEIGHT = 323;
const TILE_OFFSETS = 324;
const TILE_LENGTHS = 325;
const PREDICTOR = 317;
const FORMAT = 339;
/** Technical note 2 of TIFF 6.0. */
const JPEG_TABLES = 347;
/** TIFF 6.0 section 22. */
const JPEG_OFFSET = 513;
const JPEG_LENGTH = 514;

const WANTED: ReadonlySet<number> = new Set([
  ...[WIDTH, HEIGHT, BITS, COMPRESSION, STRIP_OFFSETS, SAMPLES, STRIP_ROWS, STRIP_LENGTHS, PLANAR],
  ...[TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_LENGTHS, PREDICTOR, FORMAT],
  ...[JPEG_TABLES, JPEG_OFFSET, JPEG_LENGTH],
]);

/** Bytes of a value by its type: 1 BYTE, 3 SHORT, 4 LONG, 7 UNDEFINED, 16 LONG8 (BigTIFF); others are not looked at. */
const TYPE_BYTES: Readonly<Record<number, number | undefined>> = {
  ...{ 1: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8 },
};

/** More are no longer followed. */
const MAX_DIRECTORIES = 256;
const MAX_ENTRIES = 4096;
const MAX_CHUNKS = 1 << 20;

type Tags = ReadonlyMap<number, readonly number[]>;

/** Reads the image directories, TIFF 6.0 or BigTIFF; those that make no sense are left out. */
export async function readTiff(source: Source): Promise<TiffFile | undefined> {
  const head = await source.read(0, 16);
  if (head.length < 16) return undefined;
  const bigEndian = head[0] === 0x4d;
  const reader = new TiffReader(source, bigEndian, viewOf(head).getUint16(2, !bigEndian) === 43);
  const images: TiffImage[] = [];
  const seen = new Set<number>();
  let next = await reader.word(reader.big ? 8 : 4);
  while (next !== undefined && next > 0 && !seen.has(next) && seen.size < MAX_DIRECTORIES) {
    seen.add(next);
    const directory = await reader.directory(next);
    if (!directory) break;
    const image = imageOf(directory.tags);
    if (image) images.push(image);
    next = directory.next;
  }
  return { bigEndian, images };
}

class TiffReader {
  constructor(
    readonly source: Source,
    readonly bigEndian: boolean,
    readonly big: boolean,
  ) {}

  /** An offset at `at`; undefined behind the end. */
  async word(at: number): Promise<number | undefined> {
    return (await this.#values(at, this.big ? 8 : 4, 1))?.[0];
  }

  async directory(at: number): Promise<{ tags: Tags; next?: number } | undefined> {
    const countBytes = this.big ? 8 : 2;
    const entryBytes = this.big ? 20 : 12;
    const count = (await this.#values(at, countBytes, 1))?.[0];
    if (count === undefined || count > MAX_ENTRIES) return undefined;
    const bytes = await this.source.read(at + countBytes, count * entryBytes);
    const tags = new Map<number, readonly number[]>();
    for (let entry = 0; entry + entryBytes <= bytes.length; entry += entryBytes) {
      const tag = viewOf(bytes).getUint16(entry, !this.bigEndian);
      const values = WANTED.has(tag) && (await this.#entry(bytes, entry, at + countBytes));
      if (values) tags.set(tag, values);
    }
    return { tags, next: await this.word(at + countBytes + count * entryBytes) };
  }

  /** The values of the entry at `entry` of `bytes`, which stand at `base` of the file. */
  async #entry(bytes: Uint8Array, entry: number, base: number): Promise<readonly number[] | undefined> {
    const size = TYPE_BYTES[viewOf(bytes).getUint16(entry + 2, !this.bigEndian)];
    const offsetBytes = this.big ? 8 : 4;
    const count = readUnsigned(bytes, entry + 4, offsetBytes, this.bigEndian);
    if (size === undefined || count > MAX_CHUNKS) return undefined;
    const valueAt = entry + 4 + offsetBytes;
    const inside = size * count <= offsetBytes;
    return this.#values(
      inside ? base + valueAt : readUnsigned(bytes, valueAt, offsetBytes, this.bigEndian),
      size,
      count,
    );
  }

  async #values(at: number, size: number, count: number): Promise<number[] | undefined> {
    const bytes = Number.isSafeInteger(at) ? await this.source.read(at, size * count) : new Uint8Array();
    if (bytes.length < size * count) return undefined;
    return Array.from({ length: count }, (_, i) => readUnsigned(bytes, i * size, size, this.bigEndian));
  }
}

/** An unsigned integer; beyond 2^53 it is no longer exact, and then lies behind the end of any file. */
function readUnsigned(bytes: Uint8Array, at: number, size: number, bigEndian: boolean): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[bigEndian ? at + i : at + size - 1 - i]!;
  return value;
}

function imageOf(tags: Tags): TiffImage | undefined {
  const tag = (name: number, fallback: number) => tags.get(name)?.[0] ?? fallback;
  const tiled = tags.has(TILE_WIDTH);
  // Old writers list tiles under the tags of strips.
  const offsets = tags.get(TILE_OFFSETS) ?? tags.get(STRIP_OFFSETS) ?? [];
  const lengths = tags.get(TILE_LENGTHS) ?? tags.get(STRIP_LENGTHS) ?? [];
  const bits = tags.get(BITS) ?? [1];
  if (offsets.length !== lengths.length || bits.some((other) => other !== bits[0])) return undefined;
  const samples = tag(SAMPLES, 1);
  const separate = tag(PLANAR, 1) === 2 && samples > 1;
  return {
    width: tiled ? tag(TILE_WIDTH, 0) : tag(WIDTH, 0),
    rows: tiled ? tag(TILE_HEIGHT, 0) : Math.min(tag(STRIP_ROWS, Number.MAX_SAFE_INTEGER), tag(HEIGHT, 0)),
    imageWidth: tag(WIDTH, 0),
    imageHeight: tag(HEIGHT, 0),
    tiled,
    predictor: tag(PREDICTOR, 1),
    channels: separate ? 1 : samples,
    separate,
    samples,
    bits: bits[0]!,
    compression: tag(COMPRESSION, 1),
    format: tag(FORMAT, 1),
    jpegTables: Uint8Array.from(tags.get(JPEG_TABLES) ?? []),
    interchange: tags.has(JPEG_LENGTH) ? { offset: tag(JPEG_OFFSET, 0), length: tag(JPEG_LENGTH, 0) } : undefined,
    chunks: offsets.map((offset, i) => ({ offset, length: lengths[i]! })),
  };
}

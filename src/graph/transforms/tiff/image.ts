import type { ByteReader, ByteWriter } from "../../bytes";
import type { RowShape } from "./predictors";

/** Tag 259 of TIFF 6.0, and what GDAL and libtiff added. */
export const COMPRESSIONS = { none: 1, lzw: 5, deflate: 8, oldDeflate: 32946, packBits: 32773 } as const;

/** One image of a file: its samples, and the chunks (strips or tiles) that they are cut into. */
export interface ChunkedImage {
  /** One of {@link COMPRESSIONS}. */
  readonly compression: number;
  readonly predictor: number;
  readonly sampleBytes: number;
  readonly bigEndian: boolean;
  /** Samples of a pixel that lie together. */
  readonly channels: number;
  /** As many images of such pixels one after the other. */
  readonly planes: number;
  /** Chunks beside each other. */
  readonly across: number;
  /** Chunks below each other. */
  readonly down: number;
  /** Pixels of a chunk's row. */
  readonly chunkWidth: number;
  readonly chunkRows: number;
  /** Rows of the last chunks of a plane. */
  readonly lastRows: number;
  /** An image before this one and the pixels of both without the padding of tiles, if this one is made from it. */
  readonly overview?: Overview;
}

/** Each pixel is the nearest one of a larger image; what is coded is the difference of the bytes. */
export interface Overview {
  readonly of: number;
  readonly width: number;
  readonly height: number;
  readonly fullWidth: number;
  readonly fullHeight: number;
}

const BIG_ENDIAN = 1;
const OVERVIEW = 2;

export function writeImage(writer: ByteWriter, image: ChunkedImage): void {
  const { overview } = image;
  writer.varint(image.compression).varint(image.predictor).varint(image.sampleBytes);
  writer.byte((image.bigEndian ? BIG_ENDIAN : 0) | (overview ? OVERVIEW : 0));
  writer.varint(image.channels).varint(image.planes).varint(image.across).varint(image.down);
  writer.varint(image.chunkWidth).varint(image.chunkRows).varint(image.lastRows);
  if (!overview) return;
  writer.varint(overview.of).varint(overview.width).varint(overview.height);
  writer.varint(overview.fullWidth).varint(overview.fullHeight);
}

const MAX_SIDE = 1 << 30;

export function readImage(reader: ByteReader): ChunkedImage {
  const side = () => {
    const value = reader.varint(MAX_SIDE);
    if (value === 0) throw reader.damaged("a side of no length");
    return value;
  };
  const [compression, predictor, sampleBytes] = [reader.varint(), reader.varint(), side()];
  const flags = reader.byte();
  if (flags > (BIG_ENDIAN | OVERVIEW)) throw reader.damaged("flags that there are not");
  const image = {
    ...{ compression, predictor, sampleBytes, bigEndian: (flags & BIG_ENDIAN) !== 0 },
    ...{ channels: side(), planes: side(), across: side(), down: side() },
    ...{ chunkWidth: side(), chunkRows: side(), lastRows: side() },
  };
  if (image.lastRows > image.chunkRows) throw reader.damaged("last rows");
  if ((flags & OVERVIEW) === 0) return image;
  const overview = { of: reader.varint(), width: side(), height: side(), fullWidth: side(), fullHeight: side() };
  return { ...image, overview };
}

export function rowShape({ chunkWidth, channels, sampleBytes, bigEndian }: ChunkedImage): RowShape {
  return { samples: chunkWidth * channels, channels, sampleBytes, bigEndian };
}

/** Bytes of a row of all chunks that are beside each other. */
export function rasterRow({ across, chunkWidth, channels, sampleBytes }: ChunkedImage): number {
  return across * chunkWidth * channels * sampleBytes;
}

/** Rows of one plane. */
export function rasterRows({ down, chunkRows, lastRows }: ChunkedImage): number {
  return (down - 1) * chunkRows + lastRows;
}

export function imageBytes(image: ChunkedImage): number {
  return rasterRow(image) * rasterRows(image) * image.planes;
}

/** Where a chunk lies. */
interface Place {
  readonly start: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/** @throws Error for a chunk that is not there */
function placeOf(image: ChunkedImage, index: number): Place {
  const { across, down, planes, chunkRows, lastRows } = image;
  if (index >= across * down * planes) throw new Error(`there is no chunk ${index}`);
  const plane = Math.floor(index / (across * down));
  const line = Math.floor(index / across) % down;
  const rowBytes = rasterRow(image) / across;
  const row = plane * rasterRows(image) + line * chunkRows;
  const start = row * rasterRow(image) + (index % across) * rowBytes;
  return { start, rows: line === down - 1 ? lastRows : chunkRows, rowBytes };
}

export function chunkBytes(image: ChunkedImage, index: number): number {
  const { rows, rowBytes } = placeOf(image, index);
  return rows * rowBytes;
}

/** The samples of a chunk, copied from those of the image. @throws Error for a chunk that is not there */
export function takeChunk(image: ChunkedImage, samples: Uint8Array, index: number): Uint8Array {
  const { start, rows, rowBytes } = placeOf(image, index);
  const step = rasterRow(image);
  const chunk = new Uint8Array(rows * rowBytes);
  for (let row = 0; row < rows; row++) {
    const from = start + row * step;
    chunk.set(samples.subarray(from, from + rowBytes), row * rowBytes);
  }
  return chunk;
}

/** The inverse of {@link takeChunk}. */
export function putChunk(image: ChunkedImage, samples: Uint8Array, index: number, chunk: Uint8Array): void {
  const { start, rows, rowBytes } = placeOf(image, index);
  const step = rasterRow(image);
  for (let row = 0; row < rows; row++) {
    samples.set(chunk.subarray(row * rowBytes, (row + 1) * rowBytes), start + row * step);
  }
}

/**
 * The samples of an overview's image if each of its pixels were the nearest one of the larger image, and 0 in the
 * padding. @throws Error when the two do not fit each other
 */
export function nearestSamples(
  image: ChunkedImage,
  overview: Overview,
  full: ChunkedImage,
  samples: Uint8Array,
): Uint8Array {
  const { width, height, fullWidth, fullHeight } = overview;
  const pixel = image.channels * image.sampleBytes;
  const [row, fullRow] = [rasterRow(image), rasterRow(full)];
  const alike = full.channels * full.sampleBytes === pixel && full.planes === image.planes;
  const inside = width * pixel <= row && fullWidth * pixel <= fullRow;
  if (!alike || !inside || height > rasterRows(image) || fullHeight > rasterRows(full)) {
    throw new Error("an overview does not fit its image");
  }
  const output = new Uint8Array(imageBytes(image));
  const columns = Array.from({ length: width }, (_, x) => nearest(x, width, fullWidth) * pixel);
  for (let plane = 0; plane < image.planes; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * rasterRows(full) + nearest(y, height, fullHeight)) * fullRow;
      let to = (plane * rasterRows(image) + y) * row;
      for (const column of columns) {
        for (let i = 0; i < pixel; i++) output[to++] = samples[from + column + i]!;
      }
    }
  }
  return output;
}

/** GDAL's choice. */
function nearest(at: number, side: number, fullSide: number): number {
  return Math.min(fullSide - 1, Math.floor((2 * at * fullSide + side) / (2 * side)));
}

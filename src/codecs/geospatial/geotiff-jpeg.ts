import { BLOCK_BYTES, generalSegments, MAX_SEGMENT_BYTES, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { seriesNode } from "../jpeg-series";
import type { TiffChunk, TiffFile, TiffImage } from "./geotiff-directory";

/** Compression, tag 259: JPEG of TIFF 6.0, section 22, and of its technical note 2. */
const OLD_JPEG = 6;
const JPEG = 7;

/** Tables that are longer belong to no JPEG image. */
const MAX_TABLES_BYTES = 64 << 10;

/** Images that lie farther apart are planned apart. */
const MAX_GAP_BYTES = 64 << 10;

/** A strip, a tile or a whole image that JPEG has compressed. */
interface JpegChunk extends TiffChunk {
  /** Number of the directory. */
  readonly image: number;
}

/** Bytes of a file from the first of some JPEG images to the end of the last. */
export interface JpegStretch {
  readonly start: number;
  readonly end: number;
  readonly chunks: readonly JpegChunk[];
}

/** Where JPEG images lie in a file of `size` bytes; those that share bytes with one before are left out. */
export function jpegStretches({ images }: TiffFile, size: number): JpegStretch[] {
  const chunks = images.flatMap((image, index) => chunksOf(image).map((chunk) => ({ ...chunk, image: index })));
  const inside = chunks.filter(({ offset, length }) => length > 0 && offset + length <= size);
  inside.sort((a, b) => a.offset - b.offset);
  const stretches: { start: number; end: number; chunks: JpegChunk[] }[] = [];
  for (const chunk of inside) {
    const last = stretches.at(-1);
    const end = chunk.offset + chunk.length;
    if (last && chunk.offset < last.end) continue;
    if (last && chunk.offset - last.end <= MAX_GAP_BYTES && end - last.start <= BLOCK_BYTES) {
      last.chunks.push(chunk);
      last.end = end;
    } else {
      stretches.push({ start: chunk.offset, end, chunks: [chunk] });
    }
  }
  return stretches;
}

function chunksOf({ compression, interchange, chunks }: TiffImage): readonly TiffChunk[] {
  if (compression === JPEG) return chunks;
  // Strips of the old kind are pieces of one image, if the file says where that is.
  if (compression === OLD_JPEG) return interchange ? [interchange] : chunks;
  return [];
}

/** Plans a stretch: the images of a directory are one series. */
export async function* jpegSegments(
  source: Source,
  { start, end, chunks }: JpegStretch,
  images: readonly TiffImage[],
): AsyncGenerator<Segment> {
  if (end - start > MAX_SEGMENT_BYTES) return yield* generalSegments(start, end - start);
  const bytes = await source.read(start, end - start);
  const directories = [...new Set(chunks.map(({ image }) => image))];
  const found = chunks.map(({ offset, length, image }) => ({
    pieces: [{ start: offset - start, end: offset - start + length }],
    series: directories.indexOf(image),
  }));
  const tables = directories.map((image) => {
    const { jpegTables } = images[image]!;
    return jpegTables.length > MAX_TABLES_BYTES ? new Uint8Array() : jpegTables;
  });
  yield { length: end - start, root: seriesNode(bytes, found, tables) };
}

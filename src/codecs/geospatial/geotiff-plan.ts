import { generalSegments, type Level, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { COMPRESSIONS } from "../../graph/transforms/tiff/image";
import { isSound, type Raster, rasterBytes, rasterSegments } from "../raster";
import { readTiff, type TiffChunk, type TiffFile, type TiffImage } from "./geotiff-directory";
import { chunkedParts, chunkedSegment, groupParts } from "./geotiff-images";
import { jpegSegments, jpegStretches } from "./geotiff-jpeg";

/** Fewer samples stay with what is around them. */
const MIN_RUN_BYTES = 4 << 10;

/** Bytes of the file that are planned in one way. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  plan(): AsyncIterable<Segment> | Iterable<Segment>;
}

/** Strips and tiles by the image model, taken apart where they are compressed; all else by the general one. */
export async function* planGeotiff(source: Source, level: Level): AsyncGenerator<Segment> {
  const file = await readTiff(source);
  const stretches = file ? stretchesOf(file, source, level).sort((a, b) => a.start - b.start) : [];
  let at = 0;
  for (const { start, end, plan } of stretches) {
    // Damaged or hostile directories may share bytes.
    if (start < at) continue;
    yield* generalSegments(at, start - at);
    yield* plan();
    at = end;
  }
  yield* generalSegments(at, source.size - at);
}

function stretchesOf(file: TiffFile, source: Source, level: Level): Stretch[] {
  const parts = chunkedParts(file, source.size).filter((part) => !isRun(part.source));
  const chunked = groupParts(parts).map((group): Stretch => {
    const start = Math.min(...group.map((part) => part.start));
    const end = Math.max(...group.map((part) => part.end));
    return { start, end, plan: () => chunkedOrGeneral(source, group, start, end) };
  });
  const runs = file.images.filter(isRun).flatMap((image) => runsOf(image, file, source.size));
  // The model of JPEG images is not fast.
  const jpegs = level === "fast" ? [] : jpegStretches(file, source.size);
  return [
    ...chunked,
    ...jpegs.map((stretch) => ({ ...stretch, plan: () => jpegSegments(source, stretch, file.images) })),
    ...runs.map(({ offset, length, raster }) => ({
      ...{ start: offset, end: offset + length },
      plan: () => rasterSegments(source, offset, length, raster),
    })),
  ];
}

async function* chunkedOrGeneral(
  source: Source,
  group: Parameters<typeof chunkedSegment>[1],
  start: number,
  end: number,
): AsyncGenerator<Segment> {
  const segment = await chunkedSegment(source, group);
  if (segment) yield segment;
  else yield* generalSegments(start, end - start);
}

/** Whether an image's rows may lie in the file as they are. */
function isRun({ compression, tiled }: TiffImage): boolean {
  return compression === COMPRESSIONS.none && !tiled;
}

/** Samples that follow each other in the file without a gap. */
interface Run {
  readonly offset: number;
  readonly length: number;
  readonly raster: Raster;
}

/** Strips that lie one behind the other are one tall image. */
function runsOf(image: TiffImage, { bigEndian }: TiffFile, size: number): Run[] {
  const raster: Raster = {
    width: image.width,
    height: image.rows,
    channels: image.channels,
    frames: 1,
    sampleBytes: image.bits / 8,
    bigEndian,
    signed: image.format !== 1,
    floating: image.format === 3,
    planar: false,
  };
  if (!isSound(raster)) return [];
  const rowBytes = rasterBytes({ ...raster, height: 1 });
  const usable = image.chunks.filter(({ offset, length }) => {
    return length > 0 && length % rowBytes === 0 && offset + length <= size;
  });
  const merged = merge(usable).filter(({ length }) => length >= MIN_RUN_BYTES);
  return merged.map((run) => ({ ...run, raster: tall(raster, run.length / rowBytes, image) }));
}

function merge(chunks: readonly TiffChunk[]): TiffChunk[] {
  const merged: TiffChunk[] = [];
  for (const { offset, length } of chunks) {
    const last = merged.at(-1);
    if (last && last.offset + last.length === offset)
      merged[merged.length - 1] = { ...last, length: last.length + length };
    else merged.push({ offset, length });
  }
  return merged;
}

/** `rows` rows in all; where every channel is there as a whole, they help to predict each other. */
function tall(raster: Raster, rows: number, { separate, samples }: TiffImage): Raster {
  if (!separate || rows % samples !== 0) return { ...raster, height: rows };
  return { ...raster, channels: samples, height: rows / samples, planar: true };
}

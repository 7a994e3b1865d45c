import { generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { isSound, type Raster, rasterBytes, rasterSegments } from "../raster";
import { readTiff, type TiffChunk, type TiffFile, type TiffImage } from "./geotiff-directory";

const UNCOMPRESSED = 1;

/** Fewer samples stay with what is around them. */
const MIN_RUN_BYTES = 4 << 10;

/** Samples that follow each other in the file without a gap. */
interface Run {
  readonly offset: number;
  readonly length: number;
  readonly raster: Raster;
}

/** Runs of uncompressed strips and tiles by the image model, all else by the general one. */
export async function* planGeotiff(source: Source): AsyncGenerator<Segment> {
  const file = await readTiff(source);
  const runs = file ? file.images.flatMap((image) => runsOf(image, file, source.size)) : [];
  runs.sort((a, b) => a.offset - b.offset);
  let at = 0;
  for (const { offset, length, raster } of runs) {
    // Damaged or hostile directories may share bytes.
    if (offset < at) continue;
    yield* generalSegments(at, offset - at);
    yield* rasterSegments(source, offset, length, raster);
    at = offset + length;
  }
  yield* generalSegments(at, source.size - at);
}

/** Chunks that lie one behind the other are one tall image: rows continue from strip to strip, tiles are stacked. */
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
  if (image.compression !== UNCOMPRESSED || !isSound(raster)) return [];
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

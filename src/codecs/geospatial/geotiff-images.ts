import { general, MAX_SEGMENT_BYTES, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type ChunkEntry, tiffParams, writeChunks } from "../../graph/transforms/tiff";
import {
  type ChunkedImage,
  COMPRESSIONS,
  chunkBytes,
  imageBytes,
  nearestSamples,
  type Overview,
  putChunk,
  rasterRow,
  rasterRows,
  rowShape,
} from "../../graph/transforms/tiff/image";
import { PREDICTORS, undoPredictor } from "../../graph/transforms/tiff/predictors";
import { isSound, type Raster, samplesNode } from "../raster";
import { openChunk } from "./geotiff-chunks";
import type { TiffChunk, TiffFile, TiffImage } from "./geotiff-directory";

/** Samples that one segment may hold. */
const GROUP_BYTES = MAX_SEGMENT_BYTES;

/** Larger images are cut into bands of whole chunks. */
const WHOLE_BYTES = 24 << 20;

const BAND_BYTES = 8 << 20;

/** An image or a band of one, and where its chunks lie. */
export interface ChunkedPart {
  readonly image: ChunkedImage;
  /** By their number in the image; those of no length are not in the file. */
  readonly chunks: readonly TiffChunk[];
  readonly source: TiffImage;
  readonly start: number;
  readonly end: number;
}

/** The images whose chunks may be taken apart, in pieces that fit a segment. */
export function chunkedParts(file: TiffFile, size: number): ChunkedPart[] {
  return file.images.flatMap((source) => {
    const image = describe(source, file);
    if (!image) return [];
    const inside = source.chunks.map((chunk) =>
      chunk.offset + chunk.length <= size ? chunk : { offset: 0, length: 0 },
    );
    return [...bandsOf(image, inside)].flatMap(({ image, chunks }) => {
      const there = chunks.filter(({ length }) => length > 0);
      if (there.length === 0) return [];
      const start = there.reduce((least, { offset }) => Math.min(least, offset), size);
      const end = there.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
      return [{ image, chunks, source, start, end }];
    });
  });
}

const SAMPLE_BITS = [8, 16, 32, 64];

function describe(source: TiffImage, { bigEndian }: TiffFile): ChunkedImage | undefined {
  const { width, rows, imageWidth, imageHeight, channels, separate, samples, bits, compression, predictor } =
    source;
  const known = (Object.values(COMPRESSIONS) as number[]).includes(compression);
  const sides = [width, rows, imageWidth, imageHeight];
  if (!known || !SAMPLE_BITS.includes(bits) || sides.some((side) => !(side > 0 && side < 1 << 28)))
    return undefined;
  if (!(Object.values(PREDICTORS) as number[]).includes(predictor)) return undefined;
  const down = Math.ceil(imageHeight / rows);
  const across = Math.ceil(imageWidth / width);
  const planes = separate ? samples : 1;
  if (source.chunks.length !== across * down * planes) return undefined;
  return {
    ...{ compression, predictor: compression === COMPRESSIONS.none ? PREDICTORS.none : predictor },
    ...{ sampleBytes: bits / 8, bigEndian, channels, planes, across, down, chunkWidth: width, chunkRows: rows },
    lastRows: source.tiled ? rows : imageHeight - (down - 1) * rows,
  };
}

function* bandsOf(
  image: ChunkedImage,
  chunks: readonly TiffChunk[],
): Generator<{ image: ChunkedImage; chunks: readonly TiffChunk[] }> {
  if (imageBytes(image) <= WHOLE_BYTES) return yield { image, chunks };
  const lineBytes = rasterRow(image) * image.chunkRows;
  const lines = Math.max(1, Math.floor(BAND_BYTES / lineBytes));
  if (lineBytes > WHOLE_BYTES) return;
  for (let plane = 0; plane < image.planes; plane++) {
    for (let line = 0; line < image.down; line += lines) {
      const down = Math.min(lines, image.down - line);
      const lastRows = line + down === image.down ? image.lastRows : image.chunkRows;
      const first = (plane * image.down + line) * image.across;
      const band = { ...image, planes: 1, down, lastRows };
      yield { image: band, chunks: chunks.slice(first, first + down * image.across) };
    }
  }
}

/** Parts that are planned together, so that overviews find their images: as many as a segment can hold. */
export function groupParts(parts: readonly ChunkedPart[]): ChunkedPart[][] {
  const groups: ChunkedPart[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    const joined = [...(last ?? []), part];
    if (last && fitsSegment(joined)) groups[groups.length - 1] = joined;
    else if (fitsSegment([part])) groups.push([part]);
  }
  return groups;
}

function fitsSegment(parts: readonly ChunkedPart[]): boolean {
  const bytes = parts.reduce((sum, { image }) => sum + imageBytes(image), 0);
  const start = Math.min(...parts.map((part) => part.start));
  const end = Math.max(...parts.map((part) => part.end));
  return bytes <= GROUP_BYTES && end - start <= GROUP_BYTES;
}

/** Plans the bytes from the first chunk of a group to the end of its last; undefined when too little can be opened. */
export async function chunkedSegment(source: Source, group: readonly ChunkedPart[]): Promise<Segment | undefined> {
  const start = Math.min(...group.map((part) => part.start));
  const end = Math.max(...group.map((part) => part.end));
  const bytes = await source.read(start, end - start);
  const opened = new OpenedImages(bytes, start);
  for (const [index, part] of group.entries()) opened.open(part, index);
  return opened.plan(group);
}

/** Chunks of several images as they are opened. */
class OpenedImages {
  readonly #found: (Omit<ChunkEntry, "gap"> & { at: number; used: number })[] = [];
  readonly #samples: Uint8Array[] = [];

  constructor(
    readonly bytes: Uint8Array,
    readonly start: number,
  ) {}

  open({ image, chunks }: ChunkedPart, index: number): void {
    const samples = new Uint8Array(imageBytes(image));
    this.#samples.push(samples);
    for (const [chunk, { offset, length }] of chunks.entries()) {
      if (length === 0) continue;
      const at = offset - this.start;
      const rowBytes = rasterRow(image) / image.across;
      const kind = { compression: image.compression, length: chunkBytes(image, chunk), rowBytes };
      const opened = openChunk(this.bytes.subarray(at, at + length), kind);
      if (!opened) continue;
      undoPredictor(opened.plain, image.predictor, rowShape(image));
      putChunk(image, samples, chunk, opened.plain);
      this.#found.push({ image: index, chunk, notes: opened.notes, at, used: opened.used });
    }
  }

  plan(group: readonly ChunkedPart[]): Segment | undefined {
    const { entries, skeleton, covered } = this.#layOut();
    if (covered * 2 < this.bytes.length) return undefined;
    const images: ChunkedImage[] = [];
    const leaves: PlanNode[] = [];
    for (const [index, part] of group.entries()) {
      const samples = this.#samples[index]!;
      const overview = this.#overviewOf(group, index);
      images.push({ ...part.image, overview: overview?.overview });
      leaves.push(overview ? general(overview.differences) : pixelsNode(samples, part));
    }
    const { recipe, notes } = writeChunks(entries);
    const inputs = [general(skeleton), general(recipe), general(notes), ...leaves];
    const params = tiffParams(this.bytes.length, images);
    return { length: this.bytes.length, root: { kind: "transform", transform: "tiff", params, inputs } };
  }

  /** The chunks in the order of the file, those left out that share bytes with one before. */
  #layOut(): { entries: ChunkEntry[]; skeleton: Uint8Array; covered: number } {
    const entries: ChunkEntry[] = [];
    const skeleton: Uint8Array[] = [];
    let [at, covered] = [0, 0];
    for (const found of this.#found.sort((a, b) => a.at - b.at)) {
      if (found.at < at) continue;
      skeleton.push(this.bytes.subarray(at, found.at));
      entries.push({ gap: found.at - at, image: found.image, chunk: found.chunk, notes: found.notes });
      at = found.at + found.used;
      covered += found.used;
    }
    skeleton.push(this.bytes.subarray(at));
    return { entries, skeleton: new Uint8Array(Buffer.concat(skeleton)), covered };
  }

  /** How an image follows from the one before it, where nearly all of its pixels do. */
  #overviewOf(
    group: readonly ChunkedPart[],
    index: number,
  ): { overview: Overview; differences: Uint8Array } | undefined {
    const [full, part] = [group[index - 1], group[index]!];
    if (!full || full.image.planes !== part.image.planes) return undefined;
    if (full.image.channels !== part.image.channels || full.image.sampleBytes !== part.image.sampleBytes)
      return undefined;
    const [large, small] = [full.source, part.source];
    if (small.imageWidth >= large.imageWidth || small.imageHeight >= large.imageHeight) return undefined;
    const overview = {
      ...{ of: index - 1, width: small.imageWidth, height: small.imageHeight },
      ...{ fullWidth: large.imageWidth, fullHeight: large.imageHeight },
    };
    const samples = this.#samples[index]!;
    const differences = nearestSamples(part.image, overview, full.image, this.#samples[index - 1]!);
    let unlike = 0;
    for (let i = 0; i < samples.length; i++) {
      differences[i] = samples[i]! - differences[i]!;
      if (differences[i] !== 0) unlike++;
    }
    return unlike * MOST_UNLIKE < samples.length ? { overview, differences } : undefined;
  }
}

/** One byte in so many may differ from what an overview should have. */
const MOST_UNLIKE = 100;

const MIN_IMAGE_BYTES = 256;

function pixelsNode(samples: Uint8Array, { image, source }: ChunkedPart): PlanNode {
  const raster: Raster = {
    width: image.across * image.chunkWidth,
    height: rasterRows(image),
    channels: image.planes > 1 ? image.planes : image.channels,
    frames: 1,
    sampleBytes: image.sampleBytes,
    bigEndian: image.bigEndian,
    signed: source.format !== 1,
    floating: source.format === 3,
    planar: image.planes > 1,
  };
  return samples.length < MIN_IMAGE_BYTES || !isSound(raster) ? general(samples) : samplesNode(raster, samples);
}

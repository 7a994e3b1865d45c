import { Type } from "@sinclair/typebox";
import { BLOCK_BYTES, generalSegments, type Level, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Codec, type Format, no, yes } from "../codec";
import { type Raster, rasterSegments } from "../raster";
import { hasMagic } from "../sniff";
import { gzipSegments, isGzip } from "./gzip";
import { type Hdu, readHdus } from "./hdu";
import { isRice, riceSegments } from "./rice";
import { tableSegments } from "./table";

const fitsFormat: Format = {
  name: "fits",
  title: "FITS",
  extensions: ["fits", "fit", "fts", "fz"],
  mediaType: "application/fits",
  sniff: ({ head }) => (hasMagic(head, "SIMPLE  =") ? yes(1) : no("no FITS header (`SIMPLE  =`) at offset 0")),
};

export const fits: Codec = {
  name: "fits",
  version: 1,
  title: "FITS",
  summary: "Astronomical images, cubes and tables of the FITS standard; bit-exact.",
  formats: [fitsFormat],
  params: Type.Object({
    tile_size: Type.Integer({
      minimum: 64,
      maximum: 1024,
      default: 256,
      description:
        "Rows of an image that are kept together: large images are cut into independent pieces of whole tiles.",
    }),
  }),
  plan: (source, { params, level }) => planTiles(source, params.tile_size as number, level),
};

/** Smaller images and tables stay with what is around them. */
const MIN_IMAGE_BYTES = 16 << 10;
const MIN_TABLE_BYTES = 4 << 10;

/** Images by the image model, tables column by column; all else in blocks that end between units or, inside large ones, bands of tiles. */
async function* planTiles(source: Source, tileSize: number, level: Level): AsyncGenerator<Segment> {
  let start = 0;
  for await (const hdu of readHdus(source)) {
    const image = hdu.dataBytes >= MIN_IMAGE_BYTES && hdu.dataOffset < source.size && rasterOf(hdu);
    if (image) {
      const length = Math.min(hdu.dataBytes, source.size - hdu.dataOffset);
      yield* generalSegments(start, hdu.dataOffset - start);
      yield* rasterSegments(source, hdu.dataOffset, length, image, tileSize);
      start = hdu.dataOffset + length;
    } else if (
      hdu.tiled &&
      level !== "fast" &&
      (isRice(hdu.tiled) || isGzip(hdu.tiled)) &&
      hdu.dataOffset < source.size
    ) {
      const length = Math.min(hdu.dataBytes, source.size - hdu.dataOffset);
      yield* generalSegments(start, hdu.dataOffset - start);
      const tiles = isRice(hdu.tiled) ? riceSegments : gzipSegments;
      yield* tiles(source, hdu.dataOffset, length, hdu.tiled);
      start = hdu.dataOffset + length;
    } else if (hdu.columns && hdu.tableBytes >= MIN_TABLE_BYTES && hdu.dataOffset < source.size) {
      const length = Math.min(hdu.tableBytes, source.size - hdu.dataOffset);
      yield* generalSegments(start, hdu.dataOffset - start);
      yield* tableSegments(source, hdu.dataOffset, length, { columns: hdu.columns, rowBytes: hdu.rowBytes }, level);
      start = hdu.dataOffset + length;
    } else if (hdu.end - start > BLOCK_BYTES) {
      yield* generalSegments(start, hdu.offset - start);
      start = hdu.offset;
      for (const cut of cutsOf(hdu, Math.min(hdu.end, source.size), tileSize)) {
        yield* generalSegments(start, cut - start);
        start = cut;
      }
    }
  }
  yield* generalSegments(start, source.size - start);
}

/** What the image model can take. */
function rasterOf({ image }: Hdu): Raster | undefined {
  if (!image) return undefined;
  const { width, height, frames, bitpix } = image;
  const sampleBytes = Math.abs(bitpix) / 8;
  return {
    width,
    height,
    channels: 1,
    frames,
    sampleBytes,
    bigEndian: true,
    signed: bitpix !== 8,
    floating: bitpix < 0,
    planar: false,
  };
}

/** Where a unit that is too long for a block is cut. */
function* cutsOf(hdu: Hdu, end: number, tileSize: number): Generator<number> {
  let start = hdu.offset;
  while (end - start > BLOCK_BYTES) {
    const target = start + BLOCK_BYTES;
    const tiled = wholeBands(hdu, hdu.rowBytes * tileSize, target);
    const rows = tiled > start ? tiled : wholeBands(hdu, hdu.rowBytes, target);
    start = rows > start ? rows : target;
    yield start;
  }
}

/** The last end of a band of `bandBytes` at or before `target`. */
function wholeBands({ dataOffset }: Hdu, bandBytes: number, target: number): number {
  return bandBytes === 0 ? target : dataOffset + Math.floor((target - dataOffset) / bandBytes) * bandBytes;
}

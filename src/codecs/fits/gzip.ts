import { general, generalSegments, MAX_SEGMENT_BYTES, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { shuffleParams, unshuffle } from "../../graph/transforms/shuffle";
import { isSound, type Raster, samplesNode } from "../raster";
import { Budget } from "../unwrap/budget";
import { gzipAt } from "../unwrap/deflated";
import { unwrapBytes } from "../unwrap/forest";
import type { Scanner } from "../unwrap/found";
import { readTileTable, type Tile } from "./tile-table";
import type { TiledImage } from "./tiled";

const GZIP = "GZIP_1";
/** The bytes of one significance of all samples of a tile come first, then those of the next (section 10.4.2). */
const SHUFFLED_GZIP = "GZIP_2";

/** Whether the tiles may be taken apart. */
export function isGzip({ compression, bitpix }: TiledImage): boolean {
  return (compression === GZIP || compression === SHUFFLED_GZIP) && [8, 16, 32, 64, -32, -64].includes(bitpix);
}

/** Plans `length` bytes of data from `offset` on: a table of tiles and the heap that holds them. */
export async function* gzipSegments(
  source: Source,
  offset: number,
  length: number,
  image: TiledImage,
): AsyncGenerator<Segment> {
  const tiles = await readTileTable(source, offset, length, image);
  const budget = new Budget(length);
  for (let start = offset; start < offset + length; ) {
    budget.refill();
    const bytes = await source.read(start, Math.min(MAX_SEGMENT_BYTES, offset + length - start));
    const modelled = (content: Uint8Array) => pixelsNode(content, image);
    const { root, end, found } = unwrapBytes(bytes, budget, {
      scan: scanTiles(tiles, start),
      modelled,
      images: false,
    });
    if (found) yield { length: end, root };
    else yield* generalSegments(start, end);
    start += end;
  }
}

/** @param start where the bytes stand in the file */
function scanTiles(tiles: readonly Tile[], start: number): Scanner {
  let next = 0;
  return (bytes, from) => {
    for (; next < tiles.length; next++) {
      const at = tiles[next]!.start - start;
      const found = at >= from && at < bytes.length ? gzipAt(bytes, at) : undefined;
      if (found?.kind !== "deflate") continue;
      next++;
      return found;
    }
    return undefined;
  };
}

/** What tiles hold, one after the other: the rows of an image where tiles are as wide as it. */
function pixelsNode(
  content: Uint8Array,
  { compression, width, tileWidth, tileHeight, bitpix }: TiledImage,
): PlanNode {
  const sampleBytes = Math.abs(bitpix) / 8;
  const height = content.length / (width * sampleBytes);
  const raster: Raster = {
    ...{ width, height, channels: 1, frames: 1, sampleBytes, bigEndian: true, planar: false },
    ...{ signed: bitpix !== 8, floating: bitpix < 0 },
  };
  if (tileWidth !== width || !isSound(raster)) return general(content);
  if (compression === GZIP || sampleBytes === 1) return samplesNode(raster, content);
  const layout = { width: sampleBytes, count: width * tileHeight };
  const samples = samplesNode(raster, unshuffle(content, layout));
  return { kind: "transform", transform: "shuffle", params: shuffleParams(layout), inputs: [samples] };
}

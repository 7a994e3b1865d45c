import { general, generalSegments, MAX_SEGMENT_BYTES, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import {
  addToTable,
  MAX_BLOCK,
  type RiceLayout,
  riceParams,
  type TileEntry,
  type TileTable,
  writeTiles,
} from "../../graph/transforms/rice";
import { decodeRice, encodeRice, type RiceKind } from "../../graph/transforms/rice/coder";
import { placeOf, putTile, type TiledShape, tilesAcross } from "../../graph/transforms/rice/tiles";
import { isSound, type Raster, rasterNode } from "../raster";
import { readTileTable, type Tile, tallShape } from "./tile-table";
import type { TiledImage } from "./tiled";

/** Larger images are cut into bands of whole tiles. */
const WHOLE_BYTES = 24 << 20;
const BAND_BYTES = 8 << 20;

/** Whether the tiles may be taken apart. */
export function isRice({ compression, bytePix, blockSize }: TiledImage): boolean {
  const known = (compression === "RICE_1" || compression === "RICE_ONE") && [1, 2, 4].includes(bytePix);
  return known && blockSize <= MAX_BLOCK;
}

/** Plans `length` bytes of data from `offset` on: a table of tiles and the heap that holds them. */
export async function* riceSegments(
  source: Source,
  offset: number,
  length: number,
  image: TiledImage,
): AsyncGenerator<Segment> {
  let start = offset;
  const tiles = await readTileTable(source, offset, length, image);
  for (const group of groupsOf(image, tiles, length)) {
    const from = group.whole ? offset : group.tiles[0]!.start;
    const end = group.whole ? offset + length : group.tiles.at(-1)!.end;
    if (from < start || end - from > MAX_SEGMENT_BYTES) continue;
    const root = riceNode(await source.read(from, end - from), from, image, group);
    if (!root) continue;
    yield* generalSegments(start, from - start);
    yield { length: end - from, root };
    start = end;
  }
  yield* generalSegments(start, offset + length - start);
}

/** Tiles that are coded as one image. */
interface Group {
  readonly shape: TiledShape;
  readonly frames: number;
  /** The number of the first tile that the image has room for. */
  readonly first: number;
  readonly tiles: readonly Tile[];
  /** The table and everything behind it belong to the group. */
  readonly whole: boolean;
}

function* groupsOf(image: TiledImage, tiles: readonly Tile[], length: number): Generator<Group> {
  const shape = tallShape(image);
  if (tiles.length === 0) return;
  const rowBytes = shape.width * image.bytePix;
  if (shape.height * rowBytes <= WHOLE_BYTES && length <= MAX_SEGMENT_BYTES) {
    return yield { shape, frames: image.frames, first: 0, tiles, whole: true };
  }
  const lines = Math.max(1, Math.floor(BAND_BYTES / (rowBytes * shape.tileHeight)));
  if (rowBytes * shape.tileHeight > WHOLE_BYTES) return;
  const across = tilesAcross(shape);
  let at = 0;
  for (let y = 0; y < shape.height && at < tiles.length; y += lines * shape.tileHeight) {
    const first = (y / shape.tileHeight) * across;
    const begin = at;
    while (at < tiles.length && tiles[at]!.tile < first + lines * across) at++;
    const height = Math.min(lines * shape.tileHeight, shape.height - y);
    if (at > begin)
      yield { shape: { ...shape, height }, frames: 1, first, tiles: tiles.slice(begin, at), whole: false };
  }
}

interface OpenTile {
  /** Its number in the group. */
  readonly tile: number;
  readonly samples: Int32Array;
  /** In the bytes at hand. */
  readonly at: number;
  readonly length: number;
}

/** Undefined when too little can be made again. @param start where the bytes stand in the file */
function riceNode(bytes: Uint8Array, start: number, image: TiledImage, group: Group): PlanNode | undefined {
  // Old files do not say how many bytes a sample has, and 4 may be wrong.
  const kinds = [image.bytePix, 2, 1].map((sampleBytes) => ({ bytes: sampleBytes, blockSize: image.blockSize }));
  for (const kind of kinds) {
    const open = openTiles(bytes, start, group, kind);
    const covered = open.reduce((sum, { length }) => sum + length, 0);
    const wanted = group.tiles.reduce((sum, tile) => sum + tile.end - tile.start, 0);
    if (covered * 2 > wanted) return nodeOf(bytes, image, group, kind, open);
  }
  return undefined;
}

function openTiles(bytes: Uint8Array, start: number, group: Group, kind: RiceKind): OpenTile[] {
  const open: OpenTile[] = [];
  for (const { tile, ...range } of group.tiles) {
    const number = tile - group.first;
    const { width, height } = placeOf(group.shape, number);
    const at = range.start - start;
    const coded = bytes.subarray(at, range.end - start);
    const found = decodeRice(coded, width * height, kind);
    if (found && isSame(found.samples, kind, coded, found.used)) {
      open.push({ tile: number, samples: found.samples, at, length: found.used });
    } else if (open.length === 0) {
      // The first tile tells whether the kind is the right one.
      return open;
    }
  }
  return open;
}

function isSame(samples: Int32Array, kind: RiceKind, coded: Uint8Array, used: number): boolean {
  try {
    return Buffer.compare(encodeRice(samples, kind, used), coded.subarray(0, used)) === 0;
  } catch {
    return false;
  }
}

function nodeOf(
  bytes: Uint8Array,
  image: TiledImage,
  { shape, frames, whole }: Group,
  kind: RiceKind,
  open: readonly OpenTile[],
): PlanNode {
  const { low, storedBytes } = rangeOf(open, kind);
  const pixels = new Uint8Array(shape.width * shape.height * storedBytes);
  const skeleton: Uint8Array[] = [];
  const entries: TileEntry[] = [];
  const table: TileTable | undefined = whole
    ? { start: 0, rowBytes: image.rowBytes, column: image.column, bytes: image.numberBytes, heap: image.heap }
    : undefined;
  const left = table ? bytes.slice() : bytes;
  if (table) addToTable(left, table, open, -1);
  let end = 0;
  for (const { tile, samples, at, length } of open) {
    putTile(shape, placeOf(shape, tile), pixels, storedBytes, low, samples);
    skeleton.push(left.subarray(end, at));
    entries.push({ gap: at - end, tile });
    end = at + length;
  }
  skeleton.push(left.subarray(end));
  const layout: RiceLayout = { kind, shape, storedBytes, base: low, table };
  const rest = general(new Uint8Array(Buffer.concat(skeleton)));
  const inputs = [rest, general(writeTiles(entries)), pixelsNode(pixels, shape, frames, storedBytes)];
  return { kind: "transform", transform: "rice", params: riceParams(bytes.length, layout), inputs };
}

/** The lowest sample, and the bytes that the distance to the highest one needs. */
function rangeOf(open: readonly OpenTile[], kind: RiceKind): { low: number; storedBytes: number } {
  let [low, high] = [2 ** 31, -(2 ** 31)];
  for (const { samples } of open) {
    for (const sample of samples) {
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
  }
  const storedBytes = high - low < 2 ** 8 ? 1 : high - low < 2 ** 16 ? 2 : 4;
  return { low, storedBytes: Math.min(storedBytes, kind.bytes) };
}

/** Smaller images do not pay for a model of their own. */
const MIN_IMAGE_BYTES = 256;

function pixelsNode(pixels: Uint8Array, shape: TiledShape, frames: number, sampleBytes: number): PlanNode {
  const raster: Raster = {
    width: shape.width,
    height: shape.height / frames,
    channels: 1,
    frames,
    sampleBytes,
    bigEndian: true,
    signed: false,
    floating: false,
    planar: false,
  };
  return pixels.length < MIN_IMAGE_BYTES || !isSound(raster) ? general(pixels) : rasterNode(raster, pixels);
}

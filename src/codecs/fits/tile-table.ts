import type { Source } from "../../graph/source";
import { type TiledShape, tileCount } from "../../graph/transforms/rice/tiles";
import { viewOf } from "../sniff";
import type { TiledImage } from "./tiled";

/** Longer tables are no longer read. */
const MAX_TABLE_BYTES = 16 << 20;

/** A compressed tile: bytes of the file. */
export interface Tile {
  readonly tile: number;
  readonly start: number;
  readonly end: number;
}

/** The tiles that lie in the heap, by their number and one behind the other. */
export async function readTileTable(
  source: Source,
  offset: number,
  length: number,
  image: TiledImage,
): Promise<Tile[]> {
  const { rowBytes, rows, column, numberBytes, heap } = image;
  if (rowBytes * rows > MAX_TABLE_BYTES) return [];
  const table = await source.read(offset, Math.min(rowBytes * rows, length));
  const view = viewOf(table);
  const number = (at: number) => (numberBytes === 4 ? view.getUint32(at) : Number(view.getBigUint64(at)));
  const tiles: Tile[] = [];
  const count = Math.min(rows, tileCount(tallShape(image)));
  for (let tile = 0; tile < count && (tile + 1) * rowBytes <= table.length; tile++) {
    const at = tile * rowBytes + column;
    const start = offset + heap + number(at + numberBytes);
    const end = start + number(at);
    const last = tiles.at(-1);
    if (end > start && end <= offset + length && (!last || start >= last.end)) tiles.push({ tile, start, end });
  }
  return tiles;
}

/** All frames one below the other. */
export function tallShape({ width, height, frames, tileWidth, tileHeight }: TiledImage): TiledShape {
  return { width, height: height * frames, tileWidth, tileHeight };
}

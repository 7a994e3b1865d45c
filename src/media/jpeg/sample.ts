import type { Picture } from "./similarity";

/** A multiple of the 16 pixels of a JPEG's largest usual unit, so that tiles do not disturb each other. */
const TILE = 128;
const MAX_TILES = 96;

/** A picture made of tiles taken evenly from a large one; a small one is its own sample. */
export function sample(picture: Picture): Picture {
  const columns = Math.floor(picture.width / TILE);
  const rows = Math.floor(picture.height / TILE);
  if (columns * rows <= MAX_TILES || columns === 0) return picture;
  const width = 8 * TILE;
  const height = (MAX_TILES / 8) * TILE;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let tile = 0; tile < MAX_TILES; tile++) {
    // Spread over the whole picture in reading order; the golden ratio keeps the columns from lining up.
    const row = Math.floor((tile * rows) / MAX_TILES);
    const column = Math.floor(((tile * 0.618034) % 1) * columns);
    for (let y = 0; y < TILE; y++) {
      const from = ((row * TILE + y) * picture.width + column * TILE) * 4;
      const to = ((Math.floor(tile / 8) * TILE + y) * width + (tile % 8) * TILE) * 4;
      data.set(picture.data.subarray(from, from + TILE * 4), to);
    }
  }
  return { data, width, height };
}

/** An image of which tiles are coded each for itself. */
export interface TiledShape {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

export function tilesAcross({ width, tileWidth }: TiledShape): number {
  return Math.ceil(width / tileWidth);
}

export function tileCount(shape: TiledShape): number {
  return tilesAcross(shape) * Math.ceil(shape.height / shape.tileHeight);
}

/** Where a tile lies; tiles are numbered row after row. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function placeOf(shape: TiledShape, tile: number): Place {
  const across = tilesAcross(shape);
  const x = (tile % across) * shape.tileWidth;
  const y = Math.floor(tile / across) * shape.tileHeight;
  const width = Math.min(shape.tileWidth, shape.width - x);
  return { x, y, width, height: Math.min(shape.tileHeight, shape.height - y) };
}

/**
 * The samples of a tile: unsigned big-endian numbers of `bytes` bytes in the image, plus `base`.
 *
 * @returns 32 bits each, of which the lower ones count
 */
export function takeTile(
  { width }: TiledShape,
  place: Place,
  image: Uint8Array,
  bytes: number,
  base: number,
): Int32Array {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const samples = new Int32Array(place.width * place.height);
  let to = 0;
  for (let row = 0; row < place.height; row++) {
    let at = ((place.y + row) * width + place.x) * bytes;
    for (let i = 0; i < place.width; i++, at += bytes) samples[to++] = base + numberAt(view, at, bytes);
  }
  return samples;
}

/** The inverse of {@link takeTile}. */
export function putTile(
  { width }: TiledShape,
  place: Place,
  image: Uint8Array,
  bytes: number,
  base: number,
  samples: Int32Array,
): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  let from = 0;
  for (let row = 0; row < place.height; row++) {
    let at = ((place.y + row) * width + place.x) * bytes;
    for (let i = 0; i < place.width; i++, at += bytes) {
      const number = samples[from++]! - base;
      if (bytes === 1) view.setUint8(at, number);
      else if (bytes === 2) view.setUint16(at, number);
      else view.setUint32(at, number);
    }
  }
}

function numberAt(view: DataView, at: number, bytes: number): number {
  return bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

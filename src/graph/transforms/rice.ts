import { ByteReader, ByteWriter } from "../bytes";
import { encodeRice, type RiceKind } from "./rice/coder";
import { placeOf, type TiledShape, takeTile, tileCount } from "./rice/tiles";
import type { Transform } from "./transform";

/** Where the output has a table that says of each tile how long it is and where it begins. */
export interface TileTable {
  /** Of the first row. */
  readonly start: number;
  readonly rowBytes: number;
  /** Where in a row the two numbers stand. */
  readonly column: number;
  /** Of a number, 4 or 8. */
  readonly bytes: number;
  /** From where places are counted. */
  readonly heap: number;
}

export interface RiceLayout {
  readonly kind: RiceKind;
  readonly shape: TiledShape;
  /** Bytes of a sample in the image that the transform is given, and what is added to each. */
  readonly storedBytes: number;
  readonly base: number;
  readonly table?: TileTable;
}

/** A tile in the order of the output: its number is higher than that of the one before. */
export interface TileEntry {
  /** Bytes of the skeleton before it. */
  readonly gap: number;
  readonly tile: number;
}

const INPUTS = 3;
const MAX_SIDE = 1 << 28;
const SAMPLE_BYTES = [1, 2, 4];
const NUMBER_BYTES = [4, 8];

/** Parameters of the transform `rice`. @param bytes the length of the output */
export function riceParams(bytes: number, { kind, shape, storedBytes, base, table }: RiceLayout): Uint8Array {
  const writer = new ByteWriter().varint(bytes).varint(kind.bytes).varint(kind.blockSize);
  writer.varint(shape.width).varint(shape.height).varint(shape.tileWidth).varint(shape.tileHeight);
  writer.varint(storedBytes).varint(base >>> 0);
  if (table) {
    writer.varint(table.start).varint(table.rowBytes).varint(table.column).varint(table.bytes).varint(table.heap);
  }
  return writer.finish();
}

/** The transform's second input. */
export function writeTiles(entries: readonly TileEntry[]): Uint8Array {
  const writer = new ByteWriter();
  let next = 0;
  for (const { gap, tile } of entries) {
    writer.varint(gap).varint(tile - next);
    next = tile + 1;
  }
  return writer.finish();
}

function readParams(params: Uint8Array): RiceLayout & { bytes: number } {
  const reader = new ByteReader(params, "rice parameters");
  const bytes = reader.varint();
  const kind = { bytes: reader.varint(4), blockSize: reader.varint(MAX_BLOCK) };
  const [width, height] = [reader.varint(MAX_SIDE), reader.varint(MAX_SIDE)];
  const shape = { width, height, tileWidth: reader.varint(MAX_SIDE), tileHeight: reader.varint(MAX_SIDE) };
  const storedBytes = reader.varint(kind.bytes);
  const base = reader.varint(2 ** 32 - 1) | 0;
  const table = reader.remaining > 0 ? readTable(reader) : undefined;
  reader.end();
  const known = SAMPLE_BYTES.includes(kind.bytes) && SAMPLE_BYTES.includes(storedBytes);
  if (!known || [kind.blockSize, ...Object.values(shape)].includes(0)) throw new Error("tiles have sides");
  return { bytes, kind, shape, storedBytes, base, table };
}

/** Samples of a block at most; CFITSIO has 16 or 32. */
export const MAX_BLOCK = 1 << 16;

function readTable(reader: ByteReader): TileTable {
  const [start, rowBytes, column] = [reader.varint(), reader.varint(), reader.varint()];
  const table = { start, rowBytes, column, bytes: reader.varint(8), heap: reader.varint() };
  if (!NUMBER_BYTES.includes(table.bytes)) throw new Error("numbers of a table have 4 or 8 bytes");
  return table;
}

/** Tiles of a FITS image, compressed again from the image and laid into the bytes that stood between them. */
export const rice: Transform = {
  id: 37,
  version: 1,
  name: "rice",
  outputLength(lengths, params) {
    const { bytes, shape, storedBytes } = readParams(params);
    if (lengths.length !== INPUTS || lengths[2] !== shape.width * shape.height * storedBytes) {
      throw new Error("rice has three inputs, the last one a whole image");
    }
    return bytes;
  },
  apply([skeleton, recipe, image], params, outputLength) {
    const { kind, shape, storedBytes, base, table } = readParams(params);
    const output = new Uint8Array(outputLength);
    const gaps = new ByteReader(skeleton!, "the skeleton");
    const reader = new ByteReader(recipe!, "the recipe");
    const written: WrittenTile[] = [];
    let at = 0;
    const push = (bytes: Uint8Array) => {
      if (bytes.length > outputLength - at) throw new Error("the tiles are longer than the parameters say");
      output.set(bytes, at);
      at += bytes.length;
    };
    const count = tileCount(shape);
    for (let next = 0; reader.remaining > 0; next++) {
      push(gaps.take(reader.varint()));
      next += reader.varint();
      if (next >= count) throw reader.damaged("a tile that is not there");
      const samples = takeTile(shape, placeOf(shape, next), image!, storedBytes, base);
      const coded = encodeRice(samples, kind, outputLength - at);
      written.push({ tile: next, at, length: coded.length });
      push(coded);
    }
    push(gaps.take(gaps.remaining));
    if (at !== outputLength) throw new Error("the tiles are shorter than the parameters say");
    if (table) addToTable(output, table, written, 1);
    return output;
  },
};

/** A tile in the output. */
export interface WrittenTile {
  readonly tile: number;
  readonly at: number;
  readonly length: number;
}

/**
 * Adds to (sign 1) or takes from (-1) the table what is known of the tiles, so that a table that is right is all zero
 * without it. @throws Error where the table leaves the bytes
 */
export function addToTable(
  bytes: Uint8Array,
  { start, rowBytes, column, bytes: size, heap }: TileTable,
  tiles: readonly WrittenTile[],
  sign: 1 | -1,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { tile, at, length } of tiles) {
    const place = start + tile * rowBytes + column;
    for (const [index, number] of [length, at - heap].entries()) {
      const low = place + index * size + size - 4;
      view.setUint32(low, view.getUint32(low) + sign * number);
    }
  }
}

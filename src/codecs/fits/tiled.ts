import { readColumns } from "./columns";

/** An image in tiles that the rows of a binary table hold compressed, FITS Standard 4.0 section 10.1. */
export interface TiledImage {
  /** "RICE_1" and others. */
  readonly compression: string;
  readonly width: number;
  /** Of a frame. */
  readonly height: number;
  readonly frames: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** As BITPIX of the image; 32 where its floating-point samples were quantised. */
  readonly bitpix: number;
  /** What the header says of the Rice coder: bytes of a sample, samples of a block. */
  readonly bytePix: number;
  readonly blockSize: number;
  /** Where in a row the descriptor of the compressed data stands. */
  readonly column: number;
  /** Of each of its two numbers. */
  readonly numberBytes: number;
  readonly rowBytes: number;
  readonly rows: number;
  /** Where the heap begins in the data. */
  readonly heap: number;
}

/** What is set where the standard gives a default. */
const BYTE_PIX = 4;
const BLOCK_SIZE = 32;

const MAX_AXES = 16;
const MAX_NAMES = 16;
const MAX_FIELDS = 999;

/** @param number gives an integer of the header, NaN for what is none */
export function readTiled(
  values: ReadonlyMap<string, string>,
  number: (keyword: string, fallback: number) => number,
): TiledImage | undefined {
  if (!values.get("XTENSION")?.startsWith("'BINTABLE") || values.get("ZIMAGE") !== "T") return undefined;
  const column = columnOf(values, number("TFIELDS", 0));
  const axes = number("ZNAXIS", 0);
  if (!column || !(axes > 0 && axes <= MAX_AXES)) return undefined;
  const sides = Array.from({ length: axes }, (_, axis) => number(`ZNAXIS${axis + 1}`, 0));
  const tiles = sides.map((side, axis) => number(`ZTILE${axis + 1}`, axis === 0 ? side : 1));
  const [width, height = 1, ...more] = sides;
  const [tileWidth, tileHeight = 1, ...deeper] = tiles;
  const [rowBytes, rows] = [number("NAXIS1", 0), number("NAXIS2", 0)];
  const image = {
    ...{ compression: text(values, "ZCMPTYPE"), width: width!, height, frames: more.reduce((a, b) => a * b, 1) },
    ...{ tileWidth: tileWidth!, tileHeight, rowBytes, rows, heap: number("THEAP", rowBytes * rows) },
    ...{ bytePix: named(values, "BYTEPIX", BYTE_PIX), blockSize: named(values, "BLOCKSIZE", BLOCK_SIZE) },
    ...{ bitpix: isQuantised(values, number("TFIELDS", 0)) ? 32 : number("ZBITPIX", 0) },
    ...column,
  };
  const counts = [...sides, ...tiles, rowBytes, rows, image.heap, image.bytePix, image.blockSize];
  const sound = counts.every((count) => Number.isSafeInteger(count) && count > 0);
  // A tile lies in one frame.
  const flat = deeper.every((depth) => depth === 1) && (image.frames === 1 || height % tileHeight === 0);
  return sound && flat ? image : undefined;
}

/** Section 10.2: each tile has a scale. */
function isQuantised(values: ReadonlyMap<string, string>, fields: number): boolean {
  if (values.has("ZSCALE")) return true;
  return Array.from({ length: Math.min(fields, MAX_FIELDS) }, (_, field) => `TTYPE${field + 1}`).some(
    (keyword) => text(values, keyword) === "ZSCALE",
  );
}

/** Parameters of the algorithm: pairs of a name and a value. */
function named(values: ReadonlyMap<string, string>, name: string, fallback: number): number {
  for (let i = 1; i <= MAX_NAMES; i++) {
    if (text(values, `ZNAME${i}`) === name) return Number(values.get(`ZVAL${i}`) ?? fallback);
  }
  return fallback;
}

function columnOf(
  values: ReadonlyMap<string, string>,
  fields: number,
): { column: number; numberBytes: number } | undefined {
  const forms: (string | undefined)[] = [];
  for (let field = 1; field <= Math.min(fields, MAX_FIELDS); field++) {
    const form = values.get(`TFORM${field}`);
    if (text(values, `TTYPE${field}`) === "COMPRESSED_DATA") {
      const before = readColumns(forms);
      const [, pointer] = /^'1?([PQ])/.exec(form ?? "") ?? [];
      if (!before || !pointer) return undefined;
      const column = before.reduce((sum, { bytes }) => sum + bytes, 0);
      return { column, numberBytes: pointer === "P" ? 4 : 8 };
    }
    forms.push(form);
  }
  return undefined;
}

function text(values: ReadonlyMap<string, string>, keyword: string): string {
  return (values.get(keyword) ?? "").replaceAll("'", "").trim();
}

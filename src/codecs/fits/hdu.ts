import type { Source } from "../../graph/source";
import { latin1 } from "../sniff";
import { type Column, readColumns } from "./columns";
import { readTiled, type TiledImage } from "./tiled";

/** FITS Standard 4.0 section 3.1: everything comes in blocks of 36 cards of 80 characters. */
export const FITS_BLOCK = 2880;
const CARD = 80;

/** Longer headers are no longer read as headers; real ones stay under a few hundred KiB. */
const MAX_HEADER_BLOCKS = 2048;

/** One header and data unit: byte offsets in the file. */
export interface Hdu {
  readonly offset: number;
  readonly dataOffset: number;
  /** Without the padding; runs over the file's end where the file is truncated. */
  readonly dataBytes: number;
  /** Bytes of one row along the first axis; 0 without data. */
  readonly rowBytes: number;
  /** Where the next unit starts. */
  readonly end: number;
  /** An image and nothing else. */
  readonly image?: FitsImage;
  /** An image whose tiles are compressed in the rows of a binary table. */
  readonly tiled?: TiledImage;
  /** The columns of a binary table, whose rows take all of `tableBytes`; a heap may follow. */
  readonly columns?: readonly Column[];
  readonly tableBytes: number;
}

/** An image of sections 3.3.2 and 7.1 of the standard. */
export interface FitsImage {
  readonly width: number;
  readonly height: number;
  /** Of all axes beyond the second. */
  readonly frames: number;
  /** 8: unsigned; 16, 32, 64: two's complement; -32, -64: IEEE 754. Big-endian. */
  readonly bitpix: number;
}

/** Walks the units from the start; ends silently where the structure ends, be it by damage. */
export async function* readHdus(source: Source): AsyncGenerator<Hdu> {
  let offset = 0;
  while (offset < source.size) {
    const hdu = await readHdu(source, offset);
    if (!hdu) return;
    yield hdu;
    offset = hdu.end;
  }
}

async function readHdu(source: Source, offset: number): Promise<Hdu | undefined> {
  const values = new Map<string, string>();
  for (let block = 0; block < MAX_HEADER_BLOCKS; block++) {
    const at = offset + block * FITS_BLOCK;
    const text = latin1(await source.read(at, FITS_BLOCK));
    if (text.length < FITS_BLOCK) return undefined;
    if (block === 0 && !/^(SIMPLE {2}|XTENSION)=/.test(text)) return undefined;
    if (readCards(text, values)) return layOut(offset, at + FITS_BLOCK, values);
  }
  return undefined;
}

/** Adds the cards of one block; true once END is seen. */
function readCards(text: string, values: Map<string, string>): boolean {
  for (let at = 0; at < text.length; at += CARD) {
    const keyword = text.slice(at, at + 8).trimEnd();
    if (keyword === "END") return true;
    if (text.slice(at + 8, at + 10) === "= " && !values.has(keyword)) {
      values.set(
        keyword,
        text
          .slice(at + 10, at + CARD)
          .split("/")[0]!
          .trim(),
      );
    }
  }
  return false;
}

/** Standard 4.0 sections 4.4.1.1 and 7.1: |BITPIX| / 8 x GCOUNT x (PCOUNT + NAXIS1 x ... x NAXISn). */
function layOut(offset: number, dataOffset: number, values: ReadonlyMap<string, string>): Hdu | undefined {
  const axes = integer(values, "NAXIS", 0);
  const sampleBytes = Math.abs(integer(values, "BITPIX", 8)) / 8;
  if (!(axes >= 0 && axes <= 999 && [1, 2, 4, 8].includes(sampleBytes))) return undefined;
  const first = axes > 0 ? integer(values, "NAXIS1", 0) : 0;
  // Random groups (section 6) keep 0 in NAXIS1.
  const random = first === 0 && values.get("GROUPS") === "T";
  let elements = axes === 0 ? 0 : random ? 1 : first;
  for (let axis = 2; axis <= axes; axis++) elements *= integer(values, `NAXIS${axis}`, 0);
  const dataBytes = sampleBytes * integer(values, "GCOUNT", 1) * (integer(values, "PCOUNT", 0) + elements);
  if (!Number.isSafeInteger(dataBytes) || dataBytes < 0) return undefined;
  const end = dataOffset + Math.ceil(dataBytes / FITS_BLOCK) * FITS_BLOCK;
  const rowBytes = dataBytes === 0 ? 0 : first * sampleBytes;
  return {
    offset,
    dataOffset,
    dataBytes,
    rowBytes,
    end,
    image: dataBytes === 0 ? undefined : imageOf(values, axes),
    tiled: dataBytes === 0 ? undefined : readTiled(values, (name, fallback) => integer(values, name, fallback)),
    columns: rowBytes === 0 ? undefined : columnsOf(values, first),
    tableBytes: axes === 2 ? elements * sampleBytes : 0,
  };
}

function imageOf(values: ReadonlyMap<string, string>, axes: number): FitsImage | undefined {
  const extension = values.get("XTENSION");
  const plain = extension === undefined || extension.startsWith("'IMAGE");
  const grouped = integer(values, "PCOUNT", 0) !== 0 || integer(values, "GCOUNT", 1) !== 1;
  if (!plain || grouped || axes === 0 || values.get("GROUPS") === "T") return undefined;
  const width = integer(values, "NAXIS1", 0);
  const height = axes > 1 ? integer(values, "NAXIS2", 0) : 1;
  let frames = 1;
  for (let axis = 3; axis <= axes; axis++) frames *= integer(values, `NAXIS${axis}`, 0);
  return { width, height, frames, bitpix: integer(values, "BITPIX", 8) };
}

const MAX_COLUMNS = 999;

function columnsOf(values: ReadonlyMap<string, string>, rowBytes: number): readonly Column[] | undefined {
  if (!values.get("XTENSION")?.startsWith("'BINTABLE") || values.get("ZIMAGE") === "T") return undefined;
  const fields = integer(values, "TFIELDS", 0);
  if (!(fields > 0 && fields <= MAX_COLUMNS)) return undefined;
  const columns = readColumns(Array.from({ length: fields }, (_, field) => values.get(`TFORM${field + 1}`)));
  const bytes = columns?.reduce((sum, column) => sum + column.bytes, 0);
  return bytes === rowBytes ? columns : undefined;
}

function integer(values: ReadonlyMap<string, string>, keyword: string, fallback: number): number {
  const text = values.get(keyword);
  return text === undefined ? fallback : /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
}

import type { Source } from "../../graph/source";
import type { FrameCoding } from "../../graph/transforms/frames/coding";
import { PROBE_BYTES } from "../codec";
import type { Raster } from "../raster";
import { hasMagic } from "../sniff";
import { type Element, readElements, type Syntax, shortValue, textValue, UNDEFINED_LENGTH } from "./data-set";
import { bareSyntax } from "./dcm";
import type { Encapsulated } from "./frames";
import type { LossyFrames } from "./lossy-frames";

/** Uncompressed samples of a file, and how they lie there. */
export interface PixelData {
  readonly offset: number;
  /** Bytes that the file really has. */
  readonly length: number;
  readonly layout: Raster;
}

/** Of the elements that describe an image, PS3.3 section C.7.6.3. */
const SAMPLES_PER_PIXEL = 0x00280002;
const PHOTOMETRIC_INTERPRETATION = 0x00280004;
const PLANAR_CONFIGURATION = 0x00280006;
const NUMBER_OF_FRAMES = 0x00280008;
const ROWS = 0x00280010;
const COLUMNS = 0x00280011;
const BITS_ALLOCATED = 0x00280100;
const BITS_STORED = 0x00280101;
const PIXEL_REPRESENTATION = 0x00280103;
const PIXEL_DATA = 0x7fe00010;

const TRANSFER_SYNTAX = 0x00020010;
const META_GROUP = 0x0002;

const META: Syntax = { littleEndian: true, explicit: true };

/** Transfer syntaxes that are not written as explicit little endian, PS3.5 annex A. */
const OTHER_SYNTAXES: Readonly<Record<string, Syntax | undefined>> = {
  "1.2.840.10008.1.2": { littleEndian: true, explicit: false },
  "1.2.840.10008.1.2.2": { littleEndian: false, explicit: true },
};

/** Transfer syntaxes of compressed frames, PS3.5 section A.4. */
const CODINGS: Readonly<Record<string, FrameCoding | undefined>> = {
  "1.2.840.10008.1.2.5": "rle",
  "1.2.840.10008.1.2.4.57": "jpeg-lossless",
  "1.2.840.10008.1.2.4.70": "jpeg-lossless",
  "1.2.840.10008.1.2.4.80": "jpeg-ls",
  "1.2.840.10008.1.2.4.81": "jpeg-ls",
};

/** Transfer syntaxes of lossy JPEG: baseline, extended, and those that PS3.5 has retired, progressive ones among them. */
const LOSSY_SYNTAXES: ReadonlySet<string> = new Set(
  [50, 51, 52, 53, 54, 55, 56].map((number) => `1.2.840.10008.1.2.4.${number}`),
);

/** Where the whole data set is one deflate stream. */
const DEFLATED_SYNTAXES = ["1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"];

/** Samples of each pair of pixels where two share their colour (YBR_FULL_422): Y, Y, Cb, Cr. */
const PAIR_SAMPLES = 4;

/** Finds the pixel data of a data set; undefined where there is none that can be taken apart. */
export async function findPixels(
  source: Source,
  found: DataSet,
): Promise<PixelData | Encapsulated | LossyFrames | undefined> {
  const described = new Map<number, number>();
  let photometric = "";
  for await (const element of readElements(source, found.start, found.syntax)) {
    if (element.tag === PIXEL_DATA) {
      const native = element.length !== UNDEFINED_LENGTH;
      if (native) return layOut(source, element, found.syntax, described, photometric);
      return found.lossy ? { lossyOffset: element.valueAt } : encapsulated(element, found.coding, described);
    }
    if (element.tag === PHOTOMETRIC_INTERPRETATION) photometric = await textValue(source, element);
    else if (element.tag === NUMBER_OF_FRAMES) described.set(element.tag, Number(await textValue(source, element)));
    else if (element.tag >>> 16 === 0x0028) {
      const value = await shortValue(source, element, found.syntax);
      if (value !== undefined) described.set(element.tag, value);
    }
  }
  return undefined;
}

/** The elements behind the file meta group. */
export interface DataSet {
  readonly start: number;
  readonly syntax: Syntax;
  /** All of it is one deflate stream. */
  readonly deflated: boolean;
  /** How frames are compressed, as far as that can be undone. */
  readonly coding?: FrameCoding;
  /** Whether lossy JPEG has compressed them. */
  readonly lossy: boolean;
}

/** What stands in a deflate stream. */
export const INFLATED: DataSet = { start: 0, syntax: META, deflated: false, lossy: false };

/** What stands behind preamble, prefix and file meta group (PS3.10 section 7.1), as far as there are any. */
export async function findDataSet(source: Source): Promise<DataSet | undefined> {
  const head = await source.read(0, PROBE_BYTES);
  const start = hasMagic(head, "DICM", 128) ? 132 : hasMagic(head, "DICM") ? 4 : 0;
  let uid: string | undefined;
  let end = start;
  for await (const element of readElements(source, start, META)) {
    if (element.tag >>> 16 !== META_GROUP) break;
    if (element.tag === TRANSFER_SYNTAX) uid = await textValue(source, element);
    end = element.valueAt + element.length;
  }
  const deflated = DEFLATED_SYNTAXES.includes(uid ?? "");
  const syntax = uid === undefined ? bareSyntax({ head, size: source.size }, end) : (OTHER_SYNTAXES[uid] ?? META);
  const coding = CODINGS[uid ?? ""];
  return syntax && { start: end, syntax, deflated, coding, lossy: LOSSY_SYNTAXES.has(uid ?? "") };
}

function layOut(
  source: Source,
  { valueAt, length, representation }: Element,
  { littleEndian }: Syntax,
  described: ReadonlyMap<number, number>,
  photometric: string,
): PixelData | undefined {
  const value = (tag: number, fallback: number) => described.get(tag) ?? fallback;
  const bits = value(BITS_ALLOCATED, 0);
  if (bits !== 8 && bits !== 16) return undefined;
  const columns = value(COLUMNS, 0);
  const paired = photometric === "YBR_FULL_422" || photometric === "YBR_PARTIAL_422";
  const layout: Raster = {
    width: paired ? columns / 2 : columns,
    height: value(ROWS, 0),
    channels: paired ? PAIR_SAMPLES : value(SAMPLES_PER_PIXEL, 1),
    frames: value(NUMBER_OF_FRAMES, 1),
    sampleBytes: bits === 8 ? 1 : 2,
    bigEndian: !littleEndian && representation !== "OB",
    signed: value(PIXEL_REPRESENTATION, 0) === 1,
    floating: false,
    planar: !paired && value(PLANAR_CONFIGURATION, 0) === 1,
  };
  return { offset: valueAt, length: Math.max(0, Math.min(length, source.size - valueAt)), layout };
}

function encapsulated(
  { valueAt }: Element,
  coding: FrameCoding | undefined,
  described: ReadonlyMap<number, number>,
): Encapsulated | undefined {
  if (!coding) return undefined;
  const sampleBytes = (described.get(BITS_ALLOCATED) ?? 0) / 8;
  const signed = described.get(PIXEL_REPRESENTATION) === 1;
  if (coding !== "rle") return { offset: valueAt, coding, signed: signed && described.get(BITS_STORED) === 16 };
  const shape = {
    width: described.get(COLUMNS) ?? 0,
    height: described.get(ROWS) ?? 0,
    channels: described.get(SAMPLES_PER_PIXEL) ?? 1,
    sampleBytes,
  };
  return { offset: valueAt, coding, shape, signed };
}

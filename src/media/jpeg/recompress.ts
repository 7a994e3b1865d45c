import { Refusal } from "../../errors";
import { type Jpeg, type JpegFrame, parseJpeg } from "./markers";
import { graftMetadata, isMultiPicture, isSigned } from "./metadata";
import { decodeJpeg, encodeJpeg, type Sampling } from "./mozjpeg";
import { sample } from "./sample";
import { type Picture, type Similarity, similarity } from "./similarity";

/** The most pixels that are decoded: pictures, their copies and coefficients take some 28 bytes for each. */
const MAX_PIXELS = 64_000_000;
/** Below this a smooth picture passes the measure while gradients begin to show steps. */
const LOWEST_QUALITY = 78;
const HIGHEST_QUALITY = 95;
/** A second generation of loss is not worth less than this. */
const WORTHWHILE = 0.98;

/**
 * What "looks equal" means. Set on photographs so that butteraugli's 3-norm, an independent measure, stays below
 * one, the point where differences begin to be seen side by side.
 */
const EQUAL: Similarity = { luma: 0.965, lumaFloor: 0.86, chroma: 0.98 };

/** The sum of the luminance table of ISO/IEC 10918-1 table K.1, which libjpeg scales to reach a quality. */
const STANDARD_LUMINANCE_SUM = 3690;

function looksEqual(measured: Similarity): boolean {
  return measured.luma >= EQUAL.luma && measured.lumaFloor >= EQUAL.lumaFloor && measured.chroma >= EQUAL.chroma;
}

/** The quality, 1 to 100 on libjpeg's scale, that comes nearest to the picture's own luminance table. */
function inputQuality(jpeg: Jpeg): number {
  const table = jpeg.quantTables.get(jpeg.frame.components[0]?.quantTable ?? 0);
  if (!table) return HIGHEST_QUALITY;
  const percent = (100 * table.reduce((sum, step) => sum + step, 0)) / STANDARD_LUMINANCE_SUM;
  return Math.round(percent <= 100 ? (200 - percent) / 2 : 5000 / percent);
}

/** Whether mozjpeg decodes this kind: 8 bit, Huffman, sequential or progressive, grey or three components. */
function isDecodable({ marker, precision, width, height, components }: JpegFrame): boolean {
  return (
    marker >= 0xc0 &&
    marker <= 0xc2 &&
    precision === 8 &&
    (components.length === 1 || components.length === 3) &&
    width > 0 &&
    height > 0 &&
    width * height <= MAX_PIXELS
  );
}

/** Whether chroma has half the resolution of luma, or less, both ways. */
function isChromaHalved({ components: [luma, ...chroma] }: JpegFrame): boolean {
  return chroma.every((c) => c.horizontal * 2 <= luma!.horizontal && c.vertical * 2 <= luma!.vertical);
}

async function measure(picture: Picture, encoded: Uint8Array): Promise<Similarity> {
  return similarity(picture, await decodeJpeg(encoded));
}

/** Half the chroma where the picture has no more, or where nobody sees the difference; else all of it. */
async function chooseSampling(frame: JpegFrame, picture: Picture): Promise<Sampling> {
  if (frame.components.length === 1) return "grayscale";
  if (isChromaHalved(frame)) return "4:2:0";
  const { chroma } = await measure(picture, await encodeJpeg(picture, HIGHEST_QUALITY, "4:2:0"));
  return chroma >= (1 + EQUAL.chroma) / 2 ? "4:2:0" : "4:4:4";
}

/** The lowest quality of `[low, high]` at which the picture looks equal; `high` if none does. */
async function lowestEqual(picture: Picture, sampling: Sampling, low: number, high: number): Promise<number> {
  let below = low - 1;
  let equal = high;
  while (equal - below > 1) {
    const quality = (below + equal) >> 1;
    if (looksEqual(await measure(picture, await encodeJpeg(picture, quality, sampling)))) equal = quality;
    else below = quality;
  }
  return equal;
}

/**
 * Makes a JPEG smaller at visually equal quality, as baseline JPEG with its metadata. Null when there is nothing to
 * gain or the file is of a kind that is better left alone (CMYK, arithmetic or 12-bit coding, several pictures in
 * one file, an early end, our own work).
 *
 * The quality is searched on a sample of the picture and then proved on the whole. `initMozjpeg` comes first.
 * @throws Refusal `not_jpeg`
 */
export async function recompressJpeg(bytes: Uint8Array): Promise<Uint8Array | null> {
  const jpeg = parseJpeg(bytes);
  if (!jpeg)
    throw new Refusal("not_jpeg", "The file is no JPEG image: it lacks a JPEG start marker or frame header.");
  if (jpeg.end === null || !isDecodable(jpeg.frame) || isMultiPicture(jpeg) || isSigned(jpeg)) return null;
  const picture = await decodeJpeg(bytes).catch(() => null);
  if (picture?.width !== jpeg.frame.width || picture.height !== jpeg.frame.height) return null;

  const part = sample(picture);
  const sampling = await chooseSampling(jpeg.frame, part);
  const own = inputQuality(jpeg);
  const high = Math.min(HIGHEST_QUALITY, Math.max(own, LOWEST_QUALITY));
  const low = Math.min(LOWEST_QUALITY, own);
  const tail = tailOf(bytes, jpeg.end);
  for (let quality = await lowestEqual(part, sampling, low, high); quality <= high; quality += 3) {
    const encoded = await encodeJpeg(picture, quality, sampling);
    if (encoded.length >= bytes.length * WORTHWHILE) return null;
    if (!looksEqual(await measure(picture, encoded))) continue;
    const result = Buffer.concat([graftMetadata(encoded, jpeg), tail]);
    return result.length < bytes.length * WORTHWHILE ? result : null;
  }
  return null;
}

/** What follows the image, such as the film of a motion photo, which readers find from the file's end. */
function tailOf(bytes: Uint8Array, end: number): Uint8Array {
  const tail = bytes.subarray(end);
  return tail.every((byte) => byte === 0 || byte === 0xff) ? tail.subarray(0, 0) : tail;
}

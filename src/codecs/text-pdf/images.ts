import { imageParams } from "../../kernels/models/image-layout";
import type { Found } from "../unwrap/found";

/** Small images are often alike: the general model learns from one for the next. */
const MIN_PLAIN_BYTES = 24 << 10;
/** Drawings, which deflate shrinks so far, the general model codes better, and sooner. */
const MAX_EXPANSION = 10;

/** Lets an image model have the samples of a picture, where they are bytes and no palette's numbers. */
export function asImage(found: Found, dictionary: string): Found {
  const length = found.plain?.length ?? 0;
  if (length < MIN_PLAIN_BYTES || length > MAX_EXPANSION * (found.end - found.start)) return found;
  if (!/\/Subtype\s*\/Image\b/.test(dictionary) || /\/(Indexed|I|Predictor)\b/.test(dictionary)) return found;
  const number = (name: string) => Number(new RegExp(`/${name}\\s+(\\d{1,6})\\b`).exec(dictionary)?.[1] ?? 0);
  const [width, height] = [number("Width"), number("Height")];
  const channels = length / (width * height);
  if (number("BitsPerComponent") !== 8 || ![1, 3, 4].includes(channels)) return found;
  const layout = { frames: 1, sampleBytes: 1, bigEndian: false, signed: false, floating: false, planar: false };
  return { ...found, model: "image", params: imageParams({ width, height, channels, ...layout }) };
}

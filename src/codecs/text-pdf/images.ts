import { imageParams } from "../../kernels/models/image-layout";
import type { Found } from "../unwrap/found";

/** Small images are often alike: the general model learns from one for the next. */
const MIN_PLAIN_BYTES = 24 << 10;
/** Drawings, which deflate shrinks so far, the general model codes better, and sooner. */
const MAX_EXPANSION = 10;

/** Samples of a pixel, palettes' numbers included. */
const CHANNELS = [1, 3, 4];

/** What a picture's dictionary tells of the stream that has its samples. */
export function asImage(found: Found, dictionary: string): Found {
  return modelled({ ...found, isDeclared: isDeclared(found, dictionary) }, dictionary);
}

/** Whether the stream holds exactly what a picture of the stated size does (ISO 32000-1, 8.9.5). */
function isDeclared({ plain }: Found, dictionary: string): boolean {
  const [width, height, bits] = ["Width", "Height", "BitsPerComponent"].map((name) => numberOf(name, dictionary));
  const rows = CHANNELS.map((channels) => height! * Math.ceil((width! * bits! * channels) / 8));
  return /\/Subtype\s*\/Image\b/.test(dictionary) && rows.includes(plain?.length ?? -1);
}

function numberOf(name: string, dictionary: string): number {
  return Number(new RegExp(`/${name}\\s+(\\d{1,6})\\b`).exec(dictionary)?.[1] ?? 0);
}

/** Lets an image model have the samples of a picture, where they are bytes and no palette's numbers. */
function modelled(found: Found, dictionary: string): Found {
  const length = found.plain?.length ?? 0;
  if (length < MIN_PLAIN_BYTES || length > MAX_EXPANSION * (found.end - found.start)) return found;
  if (!/\/Subtype\s*\/Image\b/.test(dictionary) || /\/(Indexed|I|Predictor)\b/.test(dictionary)) return found;
  const [width, height] = [numberOf("Width", dictionary), numberOf("Height", dictionary)];
  const channels = length / (width * height);
  if (numberOf("BitsPerComponent", dictionary) !== 8 || ![1, 3, 4].includes(channels)) return found;
  const layout = { frames: 1, sampleBytes: 1, bigEndian: false, signed: false, floating: false, planar: false };
  return { ...found, model: "image", params: imageParams({ width, height, channels, ...layout }) };
}

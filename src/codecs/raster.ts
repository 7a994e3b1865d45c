import { BLOCK_BYTES, generalSegments, type PlanBytes, type PlanNode, type Segment } from "../graph/plan";
import type { Source } from "../graph/source";
import { imageParams } from "../kernels/models/image-layout";
import { decimalsOf } from "./decimals";

/** Uncompressed samples: frames of `height` rows of `width` pixels of `channels` samples. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly frames: number;
  /** 1 to 8. */
  readonly sampleBytes: number;
  readonly bigEndian: boolean;
  /** Two's complement, or with `floating` IEEE 754. */
  readonly signed: boolean;
  readonly floating: boolean;
  /** The channels of a frame one after the other instead of sample by sample. */
  readonly planar: boolean;
}

/** Smaller images do not pay for a model of their own. */
const MIN_IMAGE_BYTES = 256;

/** Longer sides are a header's error or an attack. */
const MAX_SIDE = 1 << 24;
const MAX_CHANNELS = 255;

/**
 * Plans `length` bytes of samples from `offset` on: as many whole frames, then whole rows, as there are; what is left
 * over goes to the general model. Segments hold whole frames, or bands of `bandRows` rows of large ones.
 */
export async function* rasterSegments(
  source: Source,
  offset: number,
  length: number,
  raster: Raster,
  bandRows = 1,
): AsyncGenerator<Segment> {
  let at = offset;
  for (const layout of isSound(raster) ? framesOf(length, raster) : []) {
    for (const band of bandsOf(layout, bandRows)) {
      const size = rasterBytes(band);
      const range = { offset: at, length: size };
      const root = raster.floating ? floatNode(band, await source.read(at, size)) : undefined;
      yield { length: size, root: root ?? rasterNode(band, range) };
      at += size;
    }
  }
  yield* generalSegments(at, offset + length - at);
}

/** Bytes of all frames. */
export function rasterBytes({ width, height, channels, frames, sampleBytes }: Raster): number {
  return width * height * channels * frames * sampleBytes;
}

/** Whether the image model takes such samples. */
export function isSound({ width, height, channels, frames, sampleBytes }: Raster): boolean {
  const sides = [width, height, frames];
  const whole = [...sides, channels].every((side) => Number.isSafeInteger(side) && side > 0);
  if (!whole || channels > MAX_CHANNELS || sides.some((side) => side > MAX_SIDE)) return false;
  return [1, 2, 4, 8].includes(sampleBytes) && width * channels * sampleBytes <= BLOCK_BYTES;
}

/** Samples by the image model. */
export function rasterNode(raster: Raster, data: PlanBytes): PlanNode {
  return { kind: "model", model: "image", params: imageParams(raster), data };
}

/** Samples at hand by the image model, as integers where floating-point ones are made of such. */
export function samplesNode(raster: Raster, samples: Uint8Array): PlanNode {
  return floatNode(raster, samples) ?? rasterNode(raster, samples);
}

/** Floating-point samples that are fractions of integers; undefined for others. */
function floatNode(raster: Raster, samples: Uint8Array): PlanNode | undefined {
  const { floating, sampleBytes, bigEndian } = raster;
  const found = floating ? decimalsOf({ bytes: samples, sampleBytes, bigEndian }) : undefined;
  if (!found) return undefined;
  const whole = { ...raster, sampleBytes: found.integerBytes, bigEndian: false, signed: false, floating: false };
  const integers = rasterNode(whole, found.integers);
  return { kind: "transform", transform: "decimal", params: found.params, inputs: [integers] };
}

/** The frames that `length` bytes hold, and the whole rows of the one that is cut. */
function framesOf(length: number, raster: Raster): Raster[] {
  const frameBytes = rasterBytes({ ...raster, frames: 1 });
  const frames = Math.min(raster.frames, Math.floor(length / frameBytes));
  const found = frames > 0 ? [{ ...raster, frames }] : [];
  const rowBytes = rasterBytes({ ...raster, frames: 1, height: 1 });
  const rows = frames === raster.frames ? 0 : Math.floor((length - frames * frameBytes) / rowBytes);
  const interleaved = !raster.planar || raster.channels === 1;
  if (rows > 0 && interleaved) found.push({ ...raster, frames: 1, height: rows });
  return found.every((layout) => rasterBytes(layout) >= MIN_IMAGE_BYTES) ? found : [];
}

/** Images of about a block each, in the order of their bytes. */
function* bandsOf(layout: Raster, bandRows: number): Generator<Raster> {
  const frameBytes = rasterBytes({ ...layout, frames: 1 });
  if (frameBytes <= 2 * BLOCK_BYTES) {
    const most = Math.max(1, Math.floor(BLOCK_BYTES / frameBytes));
    for (const frames of pieces(layout.frames, most)) yield { ...layout, frames };
    return;
  }
  const plane = layout.planar ? { ...layout, channels: 1, planar: false } : layout;
  const rowBytes = rasterBytes({ ...plane, frames: 1, height: 1 });
  const bands = Math.floor(BLOCK_BYTES / (rowBytes * bandRows));
  const rows = bands > 0 ? bands * bandRows : Math.floor(BLOCK_BYTES / rowBytes);
  for (let left = layout.frames * (layout.planar ? layout.channels : 1); left > 0; left--) {
    for (const height of pieces(layout.height, rows)) yield { ...plane, frames: 1, height };
  }
}

function* pieces(total: number, most: number): Generator<number> {
  for (let left = total; left > 0; left -= most) yield Math.min(left, most);
}

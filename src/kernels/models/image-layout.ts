/** How samples lie in bytes: frames of `height` rows of `width` pixels, each of `channels` samples. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  /** 1 to 255. */
  readonly channels: number;
  readonly frames: number;
  readonly sampleBytes: 1 | 2;
  readonly bigEndian: boolean;
  /** Two's complement. */
  readonly signed: boolean;
  /** The channels of a frame one after the other instead of sample by sample. */
  readonly planar: boolean;
}

/** Samples that one stream holds at most. */
export const MAX_IMAGE_SAMPLES = 32 << 20;

const BIG_ENDIAN = 4;
const SIGNED = 8;
const PLANAR = 16;

/** Parameters of the model `image`: four LEB128 varints and a byte of flags. */
export function imageParams(layout: ImageLayout): Uint8Array {
  const bytes: number[] = [];
  for (const side of [layout.width, layout.height, layout.channels, layout.frames]) {
    let rest = side;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  const order = layout.bigEndian ? BIG_ENDIAN : 0;
  const flags = layout.sampleBytes - 1 + order + (layout.signed ? SIGNED : 0) + (layout.planar ? PLANAR : 0);
  return Uint8Array.from([...bytes, flags]);
}

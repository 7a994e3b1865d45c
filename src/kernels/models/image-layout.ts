/** How samples lie in bytes: frames of `height` rows of `width` pixels, each of `channels` samples. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  /** 1 to 255. */
  readonly channels: number;
  readonly frames: number;
  /** 1, 2, 4 or 8. */
  readonly sampleBytes: number;
  readonly bigEndian: boolean;
  readonly signed: boolean;
  /** Signed ones have sign and magnitude, as floating point numbers do, instead of two's complement. */
  readonly floating: boolean;
  /** The channels of a frame one after the other instead of sample by sample. */
  readonly planar: boolean;
}

const BIG_ENDIAN = 4;
const SIGNED = 8;
const PLANAR = 16;
const MAGNITUDES = 32;

/** Parameters of the model `image`: four LEB128 varints and a byte of flags. */
export function imageParams(layout: ImageLayout): Uint8Array {
  const bytes: number[] = [];
  for (const side of [layout.width, layout.height, layout.channels, layout.frames]) {
    let rest = side;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  let flags = Math.log2(layout.sampleBytes);
  if (layout.bigEndian) flags |= BIG_ENDIAN;
  if (layout.signed) flags |= layout.floating ? SIGNED | MAGNITUDES : SIGNED;
  if (layout.planar) flags |= PLANAR;
  return Uint8Array.from([...bytes, flags]);
}

import type { ByteReader, ByteWriter } from "../../bytes";

/** How samples lie in bytes: little-endian, channels interleaved (RIFF WAVE, "Multiple channel data"). */
export interface PcmFormat {
  readonly channels: number;
  /** Bytes of one sample of one channel. One byte is unsigned, wider integers are signed. */
  readonly bytes: number;
  /** Significant bits, at the upper end of the bytes. */
  readonly bits: number;
  /** IEEE 754 of 4 or 8 bytes instead of integers. */
  readonly float: boolean;
}

/** Bytes of one sample of every channel. */
export function frameBytes(format: PcmFormat): number {
  return format.channels * format.bytes;
}

/** Four bytes of a transform's parameters (`docs/format/transforms.md`, "Sample formats"). */
export function writePcmFormat(writer: ByteWriter, { channels, bytes, bits, float }: PcmFormat): void {
  writer
    .byte(channels)
    .byte(bytes)
    .byte(bits)
    .byte(float ? 1 : 0);
}

/** The inverse of {@link writePcmFormat}. @throws Refusal `damaged` for a format that is not supported */
export function readPcmFormat(reader: ByteReader): PcmFormat {
  const [channels, bytes, bits, float] = reader.take(4) as unknown as [number, number, number, number];
  const sound = float === 1 ? bytes === 4 || bytes === 8 : bytes >= 1 && bytes <= 4 && bits >= 4;
  if (channels < 1 || channels > MAX_CHANNELS || !sound || float > 1 || bits > 8 * bytes) {
    throw reader.damaged("an impossible sample format");
  }
  return { channels, bytes, bits, float: float === 1 };
}

/** As many as FLAC has; more are left to the general model. */
export const MAX_CHANNELS = 8;

/** Integers of `8 * bytes` bits, one array per channel. Not for floating-point formats. */
export function toIntegers(pcm: Uint8Array, format: PcmFormat): Int32Array[] {
  const { channels, bytes } = format;
  const count = Math.floor(pcm.length / frameBytes(format));
  const planes = Array.from({ length: channels }, () => new Int32Array(count));
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[channel]!;
    const stride = frameBytes(format);
    let at = channel * bytes;
    if (bytes === 1) for (let i = 0; i < count; i++, at += stride) plane[i] = pcm[at]! - 128;
    else if (bytes === 2)
      for (let i = 0; i < count; i++, at += stride) plane[i] = ((pcm[at]! | (pcm[at + 1]! << 8)) << 16) >> 16;
    else if (bytes === 3)
      for (let i = 0; i < count; i++, at += stride)
        plane[i] = ((pcm[at]! << 8) | (pcm[at + 1]! << 16) | (pcm[at + 2]! << 24)) >> 8;
    else
      for (let i = 0; i < count; i++, at += stride)
        plane[i] = pcm[at]! | (pcm[at + 1]! << 8) | (pcm[at + 2]! << 16) | (pcm[at + 3]! << 24);
  }
  return planes;
}

/** The inverse of {@link toIntegers}. */
export function fromIntegers(planes: readonly Int32Array[], format: PcmFormat): Uint8Array {
  const { channels, bytes } = format;
  const count = planes[0]?.length ?? 0;
  const stride = frameBytes(format);
  const pcm = new Uint8Array(count * stride);
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[channel]!;
    let at = channel * bytes;
    for (let i = 0; i < count; i++, at += stride) {
      const value = bytes === 1 ? plane[i]! + 128 : plane[i]!;
      for (let byte = 0; byte < bytes; byte++) pcm[at + byte] = value >> (8 * byte);
    }
  }
  return pcm;
}

/** Samples at full scale ±1, one array per channel. */
export function toUnit(pcm: Uint8Array, format: PcmFormat): Float32Array[] {
  if (format.float) return floatsToUnit(pcm, format);
  const scale = 1 / 2 ** (8 * format.bytes - 1);
  return toIntegers(pcm, format).map((plane) => {
    const unit = new Float32Array(plane.length);
    for (let i = 0; i < plane.length; i++) unit[i] = plane[i]! * scale;
    return unit;
  });
}

/**
 * Rounds samples of full scale ±1 to the format, to the nearest step (halves upwards), clipped to its range.
 * There is no dither: the coding noise is far above one step, and silence stays silence.
 */
export function fromUnit(planes: readonly Float32Array[], format: PcmFormat): Uint8Array {
  if (format.float) return unitToFloats(planes, format);
  const steps = 2 ** (format.bits - 1);
  const unit = 2 ** (8 * format.bytes - format.bits);
  const integers = planes.map((plane) =>
    Int32Array.from(
      plane,
      (value) => Math.max(-steps, Math.min(steps - 1, Math.floor(value * steps + 0.5))) * unit,
    ),
  );
  return fromIntegers(integers, format);
}

function floatsToUnit(pcm: Uint8Array, format: PcmFormat): Float32Array[] {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const count = Math.floor(pcm.length / frameBytes(format));
  return Array.from({ length: format.channels }, (_, channel) => {
    const plane = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const at = (i * format.channels + channel) * format.bytes;
      plane[i] = format.bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    }
    return plane;
  });
}

function unitToFloats(planes: readonly Float32Array[], format: PcmFormat): Uint8Array {
  const count = planes[0]?.length ?? 0;
  const pcm = new Uint8Array(count * frameBytes(format));
  const view = new DataView(pcm.buffer);
  for (const [channel, plane] of planes.entries()) {
    for (let i = 0; i < count; i++) {
      const at = (i * format.channels + channel) * format.bytes;
      if (format.bytes === 4) view.setFloat32(at, plane[i]!, true);
      else view.setFloat64(at, plane[i]!, true);
    }
  }
  return pcm;
}

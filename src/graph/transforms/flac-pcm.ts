import { ByteReader, ByteWriter } from "../bytes";
import { readFlacFrame } from "./audio/flac-reader";
import { frameBytes, fromIntegers, type PcmFormat, readPcmFormat, writePcmFormat } from "./audio/pcm";
import type { Transform } from "./transform";

/** Parameters of the transform `flac-pcm`. @param count samples of each channel */
export function flacPcmParams(format: PcmFormat, count: number): Uint8Array {
  const writer = new ByteWriter();
  writePcmFormat(writer, format);
  return writer.varint(count).finish();
}

function readParams(params: Uint8Array): { format: PcmFormat; count: number } {
  const reader = new ByteReader(params, "flac-pcm parameters");
  const format = readPcmFormat(reader);
  const count = reader.varint(0x7fffffff);
  reader.end();
  return { format, count };
}

/** Consecutive FLAC frames, whose samples are as wide as the format's bytes, to samples in bytes. */
export const flacPcm: Transform = {
  id: 11,
  version: 1,
  name: "flac-pcm",
  outputLength(inputLengths, params) {
    const { format, count } = readParams(params);
    if (inputLengths.length !== 1 || format.float)
      throw new Error("flac-pcm has one input, and integers as output");
    return count * frameBytes(format);
  },
  apply([frames], params) {
    const { format, count } = readParams(params);
    const planes = Array.from({ length: format.channels }, () => new Int32Array(count));
    let filled = 0;
    for (let at = 0; at < frames!.length; ) {
      const frame = readFlacFrame(frames!, at, 8 * format.bytes);
      if (frame.planes.length !== format.channels || frame.blockSize > count - filled) {
        throw new Error("a frame that does not fit the format");
      }
      for (const [channel, plane] of frame.planes.entries()) planes[channel]!.set(plane, filled);
      filled += frame.blockSize;
      at = frame.end;
    }
    if (filled !== count) throw new Error(`${filled} samples instead of ${count}`);
    return fromIntegers(planes, format);
  },
};

import { ByteReader, ByteWriter } from "../bytes";
import { MAX_FLAC_BITS } from "./audio/flac-reader";
import { writeFlacFrames } from "./audio/flac-writer";
import { frameBytes, type PcmFormat, readPcmFormat, toIntegers, writePcmFormat } from "./audio/pcm";
import type { Transform } from "./transform";

export interface FlacFraming {
  readonly format: PcmFormat;
  /** In Hz. */
  readonly rate: number;
  /** The number of the first frame. */
  readonly firstFrame: number;
}

/** Parameters of the transform `flac-frames`. @param bytes the length of the output */
export function flacFramesParams({ format, rate, firstFrame }: FlacFraming, bytes: number): Uint8Array {
  const writer = new ByteWriter();
  writePcmFormat(writer, format);
  return writer.varint(rate).varint(firstFrame).varint(bytes).finish();
}

/** Samples in bytes to FLAC frames with fixed predictors, which leave nothing to the encoder's taste. */
export const flacFrames: Transform = {
  id: 12,
  version: 1,
  name: "flac-frames",
  outputLength([length], params) {
    const { format, bytes } = readParams(params);
    if (length === undefined || length % frameBytes(format) !== 0)
      throw new Error("flac-frames has one input of PCM");
    return bytes;
  },
  apply([pcm], params) {
    return frameFlac(pcm!, readParams(params));
  },
};

/**
 * What the transform does.
 * @param onFrame called with each frame's length in bytes
 */
export function frameFlac(
  pcm: Uint8Array,
  { format, rate, firstFrame }: FlacFraming,
  onFrame?: (bytes: number) => void,
): Uint8Array {
  const unused = 8 * format.bytes - format.bits;
  const planes = toIntegers(pcm, format);
  if (unused > 0) for (const plane of planes) for (let i = 0; i < plane.length; i++) plane[i]! >>= unused;
  return writeFlacFrames(planes, { rate, bits: format.bits, orders: [] }, firstFrame, onFrame);
}

function readParams(params: Uint8Array): FlacFraming & { bytes: number } {
  const reader = new ByteReader(params, "flac-frames parameters");
  const format = readPcmFormat(reader);
  const rate = reader.varint(1 << 20);
  const firstFrame = reader.varint(0x7fffffff);
  const bytes = reader.varint(0x7fffffff);
  reader.end();
  if (format.float || format.bits > MAX_FLAC_BITS) throw reader.damaged("no sample format of FLAC");
  return { format, rate, firstFrame, bytes };
}

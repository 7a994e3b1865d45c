import { decodeLossless, encodeLossless, isLossless } from "../jpeg/lossless";
import { decodeJpegLs, encodeJpegLs, isJpegLs } from "../jpeg/ls";
import { type JpegHeader, readJpegHeader } from "../jpeg/markers";
import { decodeRle, encodeRle } from "./rle";
import { type FrameShape, frameBytes } from "./shape";

/** How frames are compressed; the position is the number in the parameters. */
export const FRAME_CODINGS = ["rle", "jpeg-lossless", "jpeg-ls"] as const;
export type FrameCoding = (typeof FRAME_CODINGS)[number];

/** A frame's bytes, as far as they follow from its samples and notes. @param limit the most that they may be @throws Error */
export function encodeFrame(
  coding: FrameCoding,
  shape: FrameShape,
  { samples, notes }: OpenFrame,
  limit: number,
): Uint8Array {
  if (coding === "rle") return encodeRle(shape, samples, notes, limit);
  const header = headerFor(coding, shape, notes);
  if (header?.bytes !== notes.length) throw new Error("the notes are no header of such a frame");
  const room = Math.min(limit - notes.length, 4 * samples.length + 64);
  if (room < 0) throw new Error("the frame is too long");
  const scan = coding === "jpeg-ls" ? encodeJpegLs(header, samples, room) : encodeLossless(header, samples, room);
  return new Uint8Array(Buffer.concat([notes, scan]));
}

/** A frame taken apart. */
export interface OpenFrame {
  readonly samples: Uint8Array;
  /** What else is needed: the headers of JPEG, the habits of a run-length encoder. */
  readonly notes: Uint8Array;
}

/** Takes a frame apart; undefined where making it again would not give the bytes that it begins with. */
export function openFrame(
  coding: FrameCoding,
  shape: FrameShape,
  bytes: Uint8Array,
): (OpenFrame & { used: number }) | undefined {
  const opened = coding === "rle" ? decodeRle(shape, bytes) : openJpeg(coding, shape, bytes);
  if (!opened) return undefined;
  try {
    const made = encodeFrame(coding, shape, opened, bytes.length);
    return Buffer.compare(made, bytes.subarray(0, made.length)) === 0
      ? { ...opened, used: made.length }
      : undefined;
  } catch {
    return undefined;
  }
}

function openJpeg(coding: FrameCoding, shape: FrameShape, bytes: Uint8Array): OpenFrame | undefined {
  const header = headerFor(coding, shape, bytes);
  const decode = coding === "jpeg-ls" ? decodeJpegLs : decodeLossless;
  const samples = header && decode(header, bytes, header.bytes);
  return samples && { samples, notes: bytes.slice(0, header.bytes) };
}

function headerFor(coding: FrameCoding, shape: FrameShape, bytes: Uint8Array): JpegHeader | undefined {
  const header = readJpegHeader(bytes);
  if (!header || !(coding === "jpeg-ls" ? isJpegLs(header) : isLossless(header))) return undefined;
  const sampleBytes = header.precision <= 8 ? 1 : 2;
  const { width, height, components } = header;
  const promised = frameBytes({ width, height, channels: components.length, sampleBytes });
  const same = width === shape.width && sampleBytes === shape.sampleBytes && components.length === shape.channels;
  return same && promised === frameBytes(shape) ? header : undefined;
}

/** Run-length encoded frames of DICOM: PS3.5 annex G. */
import { ByteReader, ByteWriter } from "../../bytes";
import { readPackNotes, writePackNotes } from "../tiff/chunk";
import { decodePackBits, encodePackBits } from "../tiff/packbits";
import type { FrameShape } from "./shape";

const HEADER_BYTES = 64;
const MOST_SEGMENTS = 15;

/** A frame's bytes from its samples. @param notes for each segment a blob as PackBits has it in `tiff`, and the byte that makes an odd length even */
export function encodeRle(shape: FrameShape, samples: Uint8Array, notes: Uint8Array, limit: number): Uint8Array {
  const reader = new ByteReader(notes, "the notes of a frame");
  const header = Buffer.alloc(HEADER_BYTES);
  const segments: Uint8Array[] = [];
  let at = HEADER_BYTES;
  for (let segment = 0; segment < segmentsOf(shape); segment++) {
    const { habits, exceptions } = readPackNotes(reader.blob());
    const packed = encodePackBits(takePlane(shape, samples, segment), habits, exceptions, limit);
    header.writeUInt32LE(at, 4 + 4 * segment);
    segments.push(packed);
    // Segments are of even length.
    if (packed.length % 2 === 1) segments.push(reader.take(1));
    at += packed.length + (packed.length % 2);
  }
  header.writeUInt32LE(segmentsOf(shape), 0);
  reader.end();
  return new Uint8Array(Buffer.concat([header, ...segments]));
}

/** The samples of a frame and the notes to make it again; undefined where it is none of this shape. */
export function decodeRle(
  shape: FrameShape,
  bytes: Uint8Array,
): { samples: Uint8Array; notes: Uint8Array } | undefined {
  const count = segmentsOf(shape);
  if (bytes.length < HEADER_BYTES || count > MOST_SEGMENTS) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== count) return undefined;
  const samples = new Uint8Array(shape.width * shape.height * count);
  const notes = new ByteWriter();
  for (let segment = 0; segment < count; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < count ? view.getUint32(8 + 4 * segment, true) : bytes.length;
    const opened = start < end ? openSegment(shape, bytes.subarray(start, end)) : undefined;
    if (!opened) return undefined;
    putPlane(shape, samples, segment, opened.plain);
    notes.blob(opened.notes);
    if (opened.used % 2 === 1) notes.byte(bytes[start + opened.used] ?? 0);
  }
  return { samples, notes: notes.finish() };
}

interface OpenSegment {
  readonly plain: Uint8Array;
  readonly notes: Uint8Array;
  readonly used: number;
}

/** With the habits of an encoder that leave the least to be said. */
function openSegment({ width, height }: FrameShape, bytes: Uint8Array): OpenSegment | undefined {
  const area = width * height;
  const candidates = [width, area].flatMap((row) =>
    [2, 3].flatMap((repeats) => {
      const parts = decodePackBits(bytes, area, { row, repeats });
      return parts ? [{ ...parts, notes: writePackNotes({ row, repeats }, parts.exceptions) }] : [];
    }),
  );
  return candidates.sort((a, b) => a.notes.length - b.notes.length)[0];
}

function segmentsOf({ channels, sampleBytes }: FrameShape): number {
  return channels * sampleBytes;
}

/** Segments hold one byte of one channel's samples each, the most significant first. */
function placeOf({ channels, sampleBytes }: FrameShape, segment: number): { first: number; step: number } {
  const channel = Math.floor(segment / sampleBytes);
  const byte = sampleBytes - 1 - (segment % sampleBytes);
  return { first: channel * sampleBytes + byte, step: channels * sampleBytes };
}

function takePlane(shape: FrameShape, samples: Uint8Array, segment: number): Uint8Array {
  const { first, step } = placeOf(shape, segment);
  const plane = new Uint8Array(shape.width * shape.height);
  for (let i = 0, at = first; i < plane.length; i++, at += step) plane[i] = samples[at]!;
  return plane;
}

function putPlane(shape: FrameShape, samples: Uint8Array, segment: number, plane: Uint8Array): void {
  const { first, step } = placeOf(shape, segment);
  for (let i = 0, at = first; i < plane.length; i++, at += step) samples[at] = plane[i]!;
}

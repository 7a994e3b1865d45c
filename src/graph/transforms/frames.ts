import { ByteReader, ByteWriter } from "../bytes";
import { encodeFrame, FRAME_CODINGS, type FrameCoding } from "./frames/coding";
import { type FrameShape, frameBytes } from "./frames/shape";
import type { Transform } from "./transform";

/** A compressed frame in the order of the file. */
export interface FrameEntry {
  /** Bytes of the skeleton before it. */
  readonly gap: number;
  readonly notes: Uint8Array;
  /** Where the skeleton breaks the frame: bytes of it since the last cut, and those of the skeleton that follow. */
  readonly cuts: readonly { readonly after: number; readonly gap: number }[];
}

const INPUTS = 4;
const MAX_SIDE = 1 << 24;

/** Parameters of the transform `frames`. @param bytes the length of the output */
export function framesParams(bytes: number, coding: FrameCoding, shape: FrameShape): Uint8Array {
  const writer = new ByteWriter().varint(bytes).byte(FRAME_CODINGS.indexOf(coding));
  return writer.varint(shape.width).varint(shape.height).varint(shape.channels).varint(shape.sampleBytes).finish();
}

/** The transform's second and third input. */
export function writeFrames(entries: readonly FrameEntry[]): { recipe: Uint8Array; notes: Uint8Array } {
  const recipe = new ByteWriter();
  const notes = new ByteWriter();
  for (const { gap, notes: own, cuts } of entries) {
    recipe.varint(gap).varint(own.length).varint(cuts.length);
    for (const cut of cuts) recipe.varint(cut.after).varint(cut.gap);
    notes.raw(own);
  }
  return { recipe: recipe.finish(), notes: notes.finish() };
}

function readParams(params: Uint8Array): { bytes: number; coding: FrameCoding; shape: FrameShape } {
  const reader = new ByteReader(params, "frames parameters");
  const bytes = reader.varint();
  const coding = FRAME_CODINGS[reader.byte()];
  const [width, height, channels] = [reader.varint(MAX_SIDE), reader.varint(MAX_SIDE), reader.varint(255)];
  const shape = { width, height, channels, sampleBytes: reader.varint(2) };
  reader.end();
  if (!coding || frameBytes(shape) === 0) throw new Error("frames have a coding and sides");
  return { bytes, coding, shape };
}

/** Frames of medical images, compressed again from their samples and laid into the bytes that stood between them. */
export const frames: Transform = {
  id: 36,
  version: 1,
  name: "frames",
  outputLength(lengths, params) {
    const { bytes, shape } = readParams(params);
    if (lengths.length !== INPUTS || lengths[INPUTS - 1]! % frameBytes(shape) !== 0) {
      throw new Error("frames has four inputs, the last one of whole frames");
    }
    return bytes;
  },
  apply([skeleton, recipe, notes, samples], params, outputLength) {
    const { coding, shape } = readParams(params);
    const output = new Uint8Array(outputLength);
    const gaps = new ByteReader(skeleton!, "the skeleton");
    const told = new ByteReader(notes!, "the notes");
    const left = new ByteReader(samples!, "the samples");
    const reader = new ByteReader(recipe!, "the recipe");
    let at = 0;
    const push = (bytes: Uint8Array) => {
      if (bytes.length > outputLength - at) throw new Error("the frames are longer than the parameters say");
      output.set(bytes, at);
      at += bytes.length;
    };
    while (reader.remaining > 0) {
      push(gaps.take(reader.varint()));
      const own = told.take(reader.varint());
      const frame = encodeFrame(
        coding,
        shape,
        { samples: left.take(frameBytes(shape)), notes: own },
        outputLength - at,
      );
      let from = 0;
      for (let cuts = reader.varint(reader.remaining); cuts > 0; cuts--) {
        const end = from + reader.varint(frame.length - from);
        push(frame.subarray(from, end));
        push(gaps.take(reader.varint()));
        from = end;
      }
      push(frame.subarray(from));
    }
    push(gaps.take(gaps.remaining));
    for (const input of [told, left]) input.end();
    return output.subarray(0, at);
  },
};

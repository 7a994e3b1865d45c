import { BLOCK_BYTES, general, generalSegments, MAX_SEGMENT_BYTES, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type FrameEntry, framesParams, writeFrames } from "../../graph/transforms/frames";
import { type FrameCoding, openFrame } from "../../graph/transforms/frames/coding";
import { type FrameShape, frameBytes } from "../../graph/transforms/frames/shape";
import { readJpegHeader } from "../../graph/transforms/jpeg/markers";
import { isSound, type Raster, rasterNode } from "../raster";
import { type Frame, readFrames } from "./fragments";

/** Compressed pixel data and what the data set says of it. */
export interface Encapsulated {
  /** Where the first item, the basic offset table, begins. */
  readonly offset: number;
  readonly coding: FrameCoding;
  /** Of run-length encoded frames; those of JPEG say it themselves. */
  readonly shape?: FrameShape;
  readonly signed: boolean;
}

/** Plans the frames from `offset` on and what stands between them; returns where the rest of the file begins. */
export async function* frameSegments(source: Source, pixels: Encapsulated): AsyncGenerator<Segment, number> {
  const frames = await readFrames(source, pixels.offset, pixels.coding !== "rle");
  const shape = frames[0] && (pixels.shape ?? (await jpegShape(source, frames[0])));
  if (!shape || !isSound(rasterOf(shape, pixels, 1)) || frameBytes(shape) > MAX_SEGMENT_BYTES) return pixels.offset;
  let start = pixels.offset;
  for (let next = 0; next < frames.length; ) {
    const count = framesOfSegment(frames, next, start, shape);
    const group = frames.slice(next, next + count);
    const end = group.at(-1)!.at(-1)!.end;
    const segment =
      end - start <= MAX_SEGMENT_BYTES ? await groupSegment(source, start, end, group, pixels, shape) : undefined;
    if (segment) yield segment;
    else yield* generalSegments(start, end - start);
    start = end;
    next += count;
  }
  return start;
}

/** As many as give a block of samples, one at least. */
function framesOfSegment(frames: readonly Frame[], first: number, start: number, shape: FrameShape): number {
  const most = Math.max(1, Math.floor(BLOCK_BYTES / frameBytes(shape)));
  let count = 1;
  while (count < most && first + count < frames.length) {
    if (frames[first + count]!.at(-1)!.end - start > 2 * BLOCK_BYTES) break;
    count++;
  }
  return count;
}

/** More than headers have. */
const HEADER_BYTES = 64 << 10;

async function jpegShape(source: Source, [first]: Frame): Promise<FrameShape | undefined> {
  const header = readJpegHeader(await source.read(first!.start, Math.min(HEADER_BYTES, first!.end - first!.start)));
  if (!header) return undefined;
  const { width, height, components, precision } = header;
  return { width, height, channels: components.length, sampleBytes: precision <= 8 ? 1 : 2 };
}

function rasterOf(shape: FrameShape, { signed }: Encapsulated, frames: number): Raster {
  return { ...shape, frames, signed, bigEndian: false, floating: false, planar: false };
}

/** Frames that are coded as samples; undefined when none of them can be made again bit for bit. */
async function groupSegment(
  source: Source,
  start: number,
  end: number,
  group: readonly Frame[],
  pixels: Encapsulated,
  shape: FrameShape,
): Promise<Segment | undefined> {
  const bytes = await source.read(start, end - start);
  const entries: FrameEntry[] = [];
  const skeleton: Uint8Array[] = [];
  const samples: Uint8Array[] = [];
  let at = 0;
  for (const frame of group) {
    const pieces = frame.map((piece) => bytes.subarray(piece.start - start, piece.end - start));
    const opened = openFrame(pixels.coding, shape, joined(pieces));
    if (!opened) continue;
    const first = frame[0]!.start - start;
    skeleton.push(bytes.subarray(at, first));
    const { cuts, gaps, used } = cutFrame(bytes, start, frame, opened.used);
    skeleton.push(...gaps);
    entries.push({ gap: first - at, notes: opened.notes, cuts });
    samples.push(opened.samples);
    at = used;
  }
  if (entries.length === 0) return undefined;
  skeleton.push(bytes.subarray(at));
  const { recipe, notes } = writeFrames(entries);
  const image = rasterNode(rasterOf(shape, pixels, samples.length), joined(samples));
  const inputs = [general(joined(skeleton)), general(recipe), general(notes), image];
  const params = framesParams(bytes.length, pixels.coding, shape);
  return { length: bytes.length, root: { kind: "transform", transform: "frames", params, inputs } };
}

/** Where the `used` bytes of a frame are broken by the heads of fragments. */
function cutFrame(bytes: Uint8Array, start: number, frame: Frame, used: number) {
  const cuts: { after: number; gap: number }[] = [];
  const gaps: Uint8Array[] = [];
  let left = used;
  for (const [i, piece] of frame.entries()) {
    const length = piece.end - piece.start;
    const next = frame[i + 1];
    if (left <= length || !next) return { cuts, gaps, used: piece.start - start + left };
    cuts.push({ after: length, gap: next.start - piece.end });
    gaps.push(bytes.subarray(piece.end - start, next.start - start));
    left -= length;
  }
  return { cuts, gaps, used: left };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : new Uint8Array(Buffer.concat(pieces));
}

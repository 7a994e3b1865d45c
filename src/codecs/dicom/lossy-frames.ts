import { BLOCK_BYTES, generalSegments, MAX_SEGMENT_BYTES, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { seriesNode } from "../jpeg-series";
import { type Frame, readFrames } from "./fragments";

/** Frames that lossy JPEG has compressed. */
export interface LossyFrames {
  /** Where the first item, the basic offset table, begins. */
  readonly lossyOffset: number;
}

const NO_TABLES = new Uint8Array();

/** Plans the frames and what stands between them; returns where the rest of the file begins. */
export async function* lossySegments(
  source: Source,
  { lossyOffset }: LossyFrames,
): AsyncGenerator<Segment, number> {
  let start = lossyOffset;
  for (const group of groupsOf(await readFrames(source, lossyOffset, true), start)) {
    const end = endOf(group.at(-1)!);
    if (end - start > MAX_SEGMENT_BYTES) yield* generalSegments(start, end - start);
    else yield { length: end - start, root: await groupNode(source, start, end, group) };
    start = end;
  }
  return start;
}

async function groupNode(source: Source, start: number, end: number, group: readonly Frame[]) {
  const bytes = await source.read(start, end - start);
  const images = group.map((frame) => {
    return { series: 0, pieces: frame.map((piece) => ({ start: piece.start - start, end: piece.end - start })) };
  });
  return seriesNode(bytes, images, [NO_TABLES]);
}

/** As many frames as make a block; a larger one alone. */
function* groupsOf(frames: readonly Frame[], from: number): Generator<Frame[]> {
  let group: Frame[] = [];
  let start = from;
  for (const frame of frames) {
    if (group.length > 0 && endOf(frame) - start > BLOCK_BYTES) {
      yield group;
      start = endOf(group.at(-1)!);
      group = [];
    }
    group.push(frame);
  }
  if (group.length > 0) yield group;
}

function endOf(frame: Frame): number {
  return frame.at(-1)!.end;
}

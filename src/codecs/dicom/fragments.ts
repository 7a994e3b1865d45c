import type { Source } from "../../graph/source";
import { viewOf } from "../sniff";

/** A fragment, as bytes of the file. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A frame: one fragment or several. */
export type Frame = readonly Piece[];

const ITEM_HEAD_BYTES = 8;
const ITEM = 0xe000;
const DELIMITERS = 0xfffe;

/**
 * The frames of encapsulated pixel data, PS3.5 section A.4.
 *
 * @param offset where the first item, the basic offset table, begins
 * @param splits whether a frame may go on in further fragments, as an image of JPEG may
 */
export async function readFrames(source: Source, offset: number, splits: boolean): Promise<Frame[]> {
  const frames: Piece[][] = [];
  for (let at = offset; ; ) {
    const head = await source.read(at, ITEM_HEAD_BYTES + 2);
    if (head.length < ITEM_HEAD_BYTES) return frames;
    const view = viewOf(head);
    const start = at + ITEM_HEAD_BYTES;
    const end = start + view.getUint32(4, true);
    if (view.getUint16(0, true) !== DELIMITERS || view.getUint16(2, true) !== ITEM || end > source.size)
      return frames;
    const begins = !splits || (head[8] === 0xff && head[9] === 0xd8);
    if (at > offset && begins) frames.push([{ start, end }]);
    else if (at > offset) frames.at(-1)?.push({ start, end });
    at = end;
  }
}

import { BLOCK_BYTES, general, type Segment } from "../graph/plan";
import type { Source } from "../graph/source";

/** Gives the place at or before `target`, and after `start`, where a segment had better end. */
export type CutAt = (target: number, start: number) => number | Promise<number>;

/**
 * Plans the whole source for the general model in blocks of about {@link BLOCK_BYTES} that end where `cutAt` says. A
 * cut outside the block is ignored: a wrong hint costs size, never coverage.
 */
export async function* cutSegments(source: Source, cutAt: CutAt): AsyncGenerator<Segment> {
  let start = 0;
  while (start < source.size) {
    const target = start + BLOCK_BYTES;
    const end = target >= source.size ? source.size : await cutInside(cutAt, target, start);
    yield { length: end - start, root: general({ offset: start, length: end - start }) };
    start = end;
  }
}

async function cutInside(cutAt: CutAt, target: number, start: number): Promise<number> {
  const cut = await cutAt(target, start);
  return Number.isSafeInteger(cut) && cut > start && cut <= target ? cut : target;
}

/** How far back from a block's end a line end is looked for. */
const LINE_SEARCH_BYTES = 64 << 10;

/** Blocks of whole lines, so that no model starts in the middle of one. */
export function lineSegments(source: Source): AsyncGenerator<Segment> {
  return cutSegments(source, async (target) => {
    const from = target - LINE_SEARCH_BYTES;
    const bytes = await source.read(from, LINE_SEARCH_BYTES);
    return from + bytes.lastIndexOf(0x0a) + 1;
  });
}

/** Blocks that end between records of `recordBytes` bytes, the first of which starts at `firstRecord`. */
export function recordSegments(source: Source, firstRecord: number, recordBytes: number): AsyncGenerator<Segment> {
  return cutSegments(source, (target) =>
    target <= firstRecord ? target : firstRecord + Math.floor((target - firstRecord) / recordBytes) * recordBytes,
  );
}

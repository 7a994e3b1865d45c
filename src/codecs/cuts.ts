import { BLOCK_BYTES, general, type Segment } from "../graph/plan";
import type { Source } from "../graph/source";
import { latin1 } from "./sniff";

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

/** How far back from a block's end a better place is looked for. */
const SEARCH_BYTES = 64 << 10;

/** The offset behind the last line end before `target`, or `target` when there is none nearby. */
export async function lastLineEnd(source: Source, target: number): Promise<number> {
  return (await lastBefore(source, target, "\n")) ?? target;
}

/** The offset behind the first byte of the last `pattern` (Latin-1) shortly before `target`. */
export async function lastBefore(source: Source, target: number, pattern: string): Promise<number | undefined> {
  const from = Math.max(0, target - SEARCH_BYTES);
  const bytes = await source.read(from, target - from);
  const at = latin1(bytes).lastIndexOf(pattern);
  return at < 0 ? undefined : from + at + 1;
}

/** Blocks of whole lines, so that no model starts in the middle of one. */
export function lineSegments(source: Source): AsyncGenerator<Segment> {
  return cutSegments(source, (target) => lastLineEnd(source, target));
}

/** Blocks that end between records of `recordBytes` bytes, the first of which starts at `firstRecord`. */
export function recordSegments(source: Source, firstRecord: number, recordBytes: number): AsyncGenerator<Segment> {
  return cutSegments(source, (target) =>
    target <= firstRecord ? target : firstRecord + Math.floor((target - firstRecord) / recordBytes) * recordBytes,
  );
}

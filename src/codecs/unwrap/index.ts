import { generalSegments, type Level, MAX_SEGMENT_BYTES, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { Budget } from "./budget";
import { type UnwrapOptions, unwrapBytes } from "./forest";

/** How much of a file one segment covers, unless a stream at its start needs more. */
const WINDOW_BYTES = 16 << 20;

/**
 * Plans a file of which parts are compressed already: streams of deflate and JPEG images are taken apart, so that
 * the models see what they hold; all else, and whatever cannot be put together again exactly, stays as it is.
 *
 * @param scan finds the streams; default: by the signatures of gzip, zip, PNG, zlib and JPEG
 * @param leaf plans bytes of which nothing else is known; default: for the general model
 * @param modelled plans what streams hold; default: as `leaf` does
 * @param level at `fast` images stay as they are: their model is a slow one
 */
export async function* unwrapSegments(
  source: Source,
  {
    level = "max",
    ...options
  }: Pick<UnwrapOptions, "scan" | "leaf" | "modelled"> & { readonly level?: Level } = {},
): AsyncGenerator<Segment> {
  const budget = new Budget(source.size);
  const images = level !== "fast";
  for (let start = 0; start < source.size; ) {
    budget.refill();
    const unwrapWindow = async (length: number) => {
      const bytes = await source.read(start, length);
      const complete = start + bytes.length === source.size;
      return unwrapBytes(bytes, budget, { ...options, complete, images });
    };
    const first = await unwrapWindow(WINDOW_BYTES);
    const { root, end, found } = first.wantsMore ? await unwrapWindow(MAX_SEGMENT_BYTES) : first;
    if (found) yield { length: end, root };
    else yield* generalSegments(start, end);
    start += end;
  }
}

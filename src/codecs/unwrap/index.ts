import { generalSegments, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { Budget } from "./budget";
import { unwrapBytes } from "./forest";
import type { Scanner } from "./found";

/** How much of a file one segment covers at most. */
const WINDOW_BYTES = 16 << 20;

/**
 * Plans a file of which parts are compressed already: streams of deflate and JPEG images are taken apart, so that
 * the models see what they hold; all else, and whatever cannot be put together again exactly, stays as it is.
 *
 * @param scan finds the streams; default: by the signatures of gzip, zip, PNG, zlib and JPEG
 * @param modelled plans what streams hold; default: for the general model
 */
export async function* unwrapSegments(
  source: Source,
  scan?: Scanner,
  modelled?: (content: Uint8Array) => PlanNode,
): AsyncGenerator<Segment> {
  const budget = new Budget(source.size);
  for (let start = 0; start < source.size; ) {
    const bytes = await source.read(start, WINDOW_BYTES);
    const complete = start + bytes.length === source.size;
    budget.refill();
    const { root, end, found } = unwrapBytes(bytes, budget, { scan, modelled, complete });
    if (found) yield { length: end, root };
    else yield* generalSegments(start, end);
    start += end;
  }
}

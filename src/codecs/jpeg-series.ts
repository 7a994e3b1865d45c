import { general, type PlanNode } from "../graph/plan";
import { deflateParams, type RecipeEntry, writeRecipe } from "../graph/transforms/deflate";

/** A JPEG image, or what a file has of one, in a stretch of bytes. */
export interface SeriesImage {
  /** In the order of their bytes; others may stand between them. */
  readonly pieces: readonly { readonly start: number; readonly end: number }[];
  /** Number of the series that it belongs to. */
  readonly series: number;
}

/**
 * Plans some bytes in which JPEG images stand: images of one series are coded together.
 *
 * @param images in the order of their bytes, none sharing any with another
 * @param tables marker segments that all images of a series have in common, from the first marker to the last; empty: none
 */
export function seriesNode(
  bytes: Uint8Array,
  images: readonly SeriesImage[],
  tables: readonly Uint8Array[],
): PlanNode {
  const skeleton: Uint8Array[] = [];
  const contents: Uint8Array[][] = tables.map(() => []);
  const entries: RecipeEntry[] = [];
  let at = 0;
  for (const { pieces, series } of images) {
    const start = pieces[0]!.start;
    const gap = start - at;
    skeleton.push(bytes.subarray(at, start));
    const cuts: { after: number; gap: number }[] = [];
    let length = 0;
    for (const [index, piece] of pieces.entries()) {
      const next = pieces[index + 1];
      contents[series]!.push(bytes.subarray(piece.start, piece.end));
      length += piece.end - piece.start;
      at = piece.end;
      if (!next) continue;
      skeleton.push(bytes.subarray(piece.end, next.start));
      cuts.push({ after: piece.end - piece.start, gap: next.start - piece.end });
    }
    entries.push({ gap, content: series, length, wrapping: "none", corrections: 0, cuts });
  }
  skeleton.push(bytes.subarray(at));
  const leaves = contents.map((images, index): PlanNode => {
    return { kind: "model", model: "jpegs", params: tables[index]!, data: joined(images) };
  });
  const inputs = [general(joined(skeleton)), general(writeRecipe(entries)), general(new Uint8Array()), ...leaves];
  return { kind: "transform", transform: "deflate", params: deflateParams(bytes.length), inputs };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

import type { Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Format, no, yes } from "../codec";
import { lineSegments, recordSegments } from "../cuts";
import { hasMagic, textOf, viewOf } from "../sniff";

/** ASPRS LAS 1.0 to 1.4, LAZ, and the well logs that share the extension (CWLS LAS 1.2, 2.0, 3.0). */
export const lidar: Format = {
  name: "lidar",
  title: "LiDAR",
  extensions: ["las", "laz"],
  mediaType: "application/vnd.las",
  sniff(probe) {
    if (hasMagic(probe.head, "LASF")) return yes(1);
    // A well log: comments, then the version section.
    if (/^(#[^\n]*\n|[^\S\n]*\n)*[^\S\n]*~V/i.test(textOf(probe)?.head ?? "")) return yes(0.9);
    return no("no `LASF` marker at offset 0 and no `~Version` section of a well log");
  },
};

const HEADER_BYTES = 107;

/** Whole points per segment: offset to point data and point record length, LAS 1.4 R15 table 3. */
export async function* planLidar(source: Source): AsyncGenerator<Segment> {
  const header = await source.read(0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !hasMagic(header, "LASF")) {
    yield* lineSegments(source);
    return;
  }
  const view = viewOf(header);
  yield* recordSegments(source, view.getUint32(96, true), Math.max(1, view.getUint16(105, true)));
}

import { BLOCK_BYTES, type ByteRange, generalSegments, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { isPointRecord, pointsParams } from "../../kernels/models/points-layout";
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

/** The public header block up to the first number of points; LAS 1.4 has 375 bytes of it. */
const LEAST_HEADER_BYTES = 111;
const HEADER_BYTES = 375;
/** What a segment of points has at most: 300,000 points or more, so that little is learnt anew. */
const POINT_BLOCK_BYTES = 16 << 20;
/** LASzip sets one of the two highest bits of the point format. */
const COMPRESSED = 0xc0;

interface PointBlock {
  readonly offset: number;
  readonly end: number;
  readonly format: number;
  readonly recordBytes: number;
}

/**
 * Points go to their own model; all else (headers, VLRs, waveforms, EVLRs, junk) to the general one. Points that LASzip
 * compressed stay as they are.
 */
export async function* planLidar(source: Source): AsyncGenerator<Segment> {
  const header = await source.read(0, HEADER_BYTES);
  if (!hasMagic(header, "LASF")) {
    yield* lineSegments(source);
    return;
  }
  const points = pointBlock(header, source.size);
  if (!points) {
    yield* generalSegments(0, source.size);
    return;
  }
  const { offset, end, format, recordBytes } = points;
  if ((format & COMPRESSED) !== 0) {
    yield* generalSegments(0, offset);
    yield* storedSegments(offset, end);
    yield* generalSegments(end, source.size - end);
  } else if (!isPointRecord(format, recordBytes)) {
    yield* recordSegments(source, offset, recordBytes);
  } else {
    yield* generalSegments(0, offset);
    yield* pointSegments(points);
    yield* generalSegments(end, source.size - end);
  }
}

/** Where the points lie, as far as the file has them (ASPRS LAS 1.4 R15, table 3); undefined where that is nonsense. */
function pointBlock(header: Uint8Array, size: number): PointBlock | undefined {
  if (header.length < LEAST_HEADER_BYTES) return undefined;
  const view = viewOf(header);
  const offset = view.getUint32(96, true);
  const recordBytes = view.getUint16(105, true);
  if (offset < LEAST_HEADER_BYTES || offset >= size || recordBytes === 0) return undefined;
  const format = view.getUint8(104);
  const limit = blockLimit(view, offset, size);
  if ((format & COMPRESSED) !== 0) return { offset, end: limit, format, recordBytes };
  // A writer that was cut off leaves no count.
  const count = Math.min(pointCount(view) || Number.POSITIVE_INFINITY, Math.floor((limit - offset) / recordBytes));
  return { offset, end: offset + count * recordBytes, format, recordBytes };
}

/** Where waveforms or EVLRs begin behind the points, or the end of the file. */
function blockLimit(view: DataView, offset: number, size: number): number {
  const starts = [
    { field: 227, headerBytes: 235 },
    { field: 235, headerBytes: 375 },
  ].map(({ field, headerBytes }) => (has(view, headerBytes) ? Number(view.getBigUint64(field, true)) : size));
  return Math.min(size, ...starts.filter((start) => start > offset));
}

function pointCount(view: DataView): number {
  const count = has(view, 375) ? Number(view.getBigUint64(247, true)) : 0;
  return count || view.getUint32(107, true);
}

/** Whether the header says that it has so many bytes, and has them. */
function has(view: DataView, headerBytes: number): boolean {
  return view.getUint16(94, true) >= headerBytes && view.byteLength >= headerBytes;
}

function* pointSegments({ format, recordBytes, ...block }: PointBlock): Generator<Segment> {
  const params = pointsParams(format, recordBytes);
  for (const data of wholeRecords(block, recordBytes)) {
    yield { length: data.length, root: { kind: "model", model: "points", params, data } };
  }
}

function* wholeRecords(
  { offset, end }: Pick<PointBlock, "offset" | "end">,
  recordBytes: number,
): Generator<ByteRange> {
  const most = Math.floor(POINT_BLOCK_BYTES / recordBytes) * recordBytes;
  for (let at = offset; at < end; at += most) yield { offset: at, length: Math.min(most, end - at) };
}

function* storedSegments(offset: number, end: number): Generator<Segment> {
  for (let at = offset; at < end; at += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, end - at);
    yield { length, root: { kind: "model", model: "store", data: { offset: at, length } } };
  }
}

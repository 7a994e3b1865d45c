import { general, generalSegments, type Level, type ModelLeaf, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { hasMagic, viewOf } from "../sniff";
import { unwrapSegments } from "../unwrap";
import type { Scanner } from "../unwrap/found";
import { scanAnything } from "../unwrap/scan";

/** The header of main files and indexes; a record's. */
const HEADER_BYTES = 100;
const RECORD_HEADER_BYTES = 8;
/** What a segment of records has at most, so that a worker's memory is enough for all vertices in it. */
const SEGMENT_BYTES = 16 << 20;
/** Where an index says that the first record is, in words. */
const FIRST_PLACE = HEADER_BYTES / 2;

/**
 * Shapes and indexes go to their own models, members of a .zip file too; tables to the general one. At the level fast
 * all is for the general model.
 */
export async function* planShapefile(source: Source, level: Level): AsyncGenerator<Segment> {
  const head = await source.read(0, HEADER_BYTES + 2 * RECORD_HEADER_BYTES);
  if (level === "fast") {
    yield* generalSegments(0, source.size);
  } else if (hasMagic(head, "PK\x03\x04")) {
    yield* unwrapSegments(source, { level, scan: scanMembers, modelled: memberNode });
  } else if (!isShapes(head)) {
    yield* generalSegments(0, source.size);
  } else if (isIndex(head, source.size)) {
    yield* wholeSegments(source.size, "shape-index");
  } else {
    yield* recordSegments(source);
  }
}

function isShapes(head: Uint8Array): boolean {
  return hasMagic(head, [0, 0, 0x27, 0x0a]) && head.length >= HEADER_BYTES;
}

/** Whether what follows the header are places and lengths of records, and not records. */
function isIndex(head: Uint8Array, size: number): boolean {
  const view = viewOf(head);
  if (head.length < HEADER_BYTES + RECORD_HEADER_BYTES) return true;
  if (view.getInt32(HEADER_BYTES) !== FIRST_PLACE || size % 4 !== 0) return false;
  if (head.length < HEADER_BYTES + 2 * RECORD_HEADER_BYTES) return true;
  const next = FIRST_PLACE + view.getInt32(HEADER_BYTES + 4) + RECORD_HEADER_BYTES / 2;
  return view.getInt32(HEADER_BYTES + RECORD_HEADER_BYTES) === next;
}

function* wholeSegments(size: number, model: string): Generator<Segment> {
  for (let at = 0; at < size; at += SEGMENT_BYTES) {
    const length = Math.min(SEGMENT_BYTES, size - at);
    yield { length, root: { kind: "model", model, data: { offset: at, length } } };
  }
}

/** Segments of whole records, as long as their lengths make sense. */
async function* recordSegments(source: Source): AsyncGenerator<Segment> {
  for (let at = 0; at < source.size; ) {
    const bytes = await source.read(at, SEGMENT_BYTES);
    const ends = at + bytes.length === source.size;
    const length = ends ? bytes.length : lastRecordEnd(bytes, at === 0 ? HEADER_BYTES : 0) || bytes.length;
    yield { length, root: { kind: "model", model: "shapes", data: { offset: at, length } } };
    at += length;
  }
}

/** Where the last record that lies within the bytes ends; `start` is where the first begins. */
function lastRecordEnd(bytes: Uint8Array, start: number): number {
  const view = viewOf(bytes);
  let at = start;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const next = at + RECORD_HEADER_BYTES + 2 * view.getInt32(at + 4);
    if (next <= at || next > bytes.length) break;
    at = next;
  }
  return at > start ? at : 0;
}

/** Members that are parts of a shapefile are modelled each by itself. */
const scanMembers: Scanner = (bytes, from) => {
  const found = scanAnything(bytes, from);
  if (found?.kind !== "deflate" || !found.plain || !isShapes(found.plain)) return found;
  return { ...found, group: `shapes at ${found.start}` };
};

function memberNode(content: Uint8Array): ModelLeaf {
  if (!isShapes(content)) return general(content);
  return { kind: "model", model: isIndex(content, content.length) ? "shape-index" : "shapes", data: content };
}

import { general, generalSegments, type Level, type ModelLeaf, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { PROBE_BYTES } from "../codec";
import { hasMagic, viewOf } from "../sniff";
import { unwrapSegments } from "../unwrap";
import type { Scanner } from "../unwrap/found";
import { scanAnything } from "../unwrap/scan";
import { isTable } from "./shapefile";

/** The header of main files and indexes; a record's. */
const HEADER_BYTES = 100;
const RECORD_HEADER_BYTES = 8;
/** What a segment of records has at most, so that a worker's memory is enough for all vertices in it. */
const SEGMENT_BYTES = 16 << 20;

/**
 * Main files and indexes go to the model of shapes, tables to theirs, members of a .zip file too. At the level fast
 * all is for the general model.
 */
export async function* planShapefile(source: Source, level: Level): AsyncGenerator<Segment> {
  const head = await source.read(0, PROBE_BYTES);
  if (level === "fast") yield* generalSegments(0, source.size);
  else if (hasMagic(head, "PK\x03\x04")) {
    yield* unwrapSegments(source, { level, scan: scanMembers, modelled: memberNode });
  } else if (isShapes(head)) yield* shapeSegments(source);
  else if (isKnownTable(head, source.size)) yield* tableSegments(head, source.size);
  else yield* generalSegments(0, source.size);
}

function isShapes(head: Uint8Array): boolean {
  return hasMagic(head, [0, 0, 0x27, 0x0a]) && head.length >= HEADER_BYTES;
}

/** Segments of whole records, as long as their lengths make sense. */
async function* shapeSegments(source: Source): AsyncGenerator<Segment> {
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

/** Whether a table's header is there in full. */
function isKnownTable(head: Uint8Array, size: number): boolean {
  return isTable({ head, tail: head, size, name: "" }) && viewOf(head).getUint16(8, true) <= head.length;
}

/** Segments of whole records; those without the header get it as a parameter. */
function* tableSegments(head: Uint8Array, size: number): Generator<Segment> {
  const view = viewOf(head);
  const headerBytes = view.getUint16(8, true);
  const recordBytes = view.getUint16(10, true);
  const most = Math.floor((SEGMENT_BYTES - headerBytes) / recordBytes) * recordBytes;
  for (let at = 0; at < size; ) {
    const length = Math.min(at === 0 ? headerBytes + most : most, size - at);
    const params = at === 0 ? undefined : head.slice(0, headerBytes);
    yield { length, root: { kind: "model", model: "table", params, data: { offset: at, length } } };
    at += length;
  }
}

/** Members that are parts of a shapefile are modelled each by itself. */
const scanMembers: Scanner = (bytes, from) => {
  const found = scanAnything(bytes, from);
  if (found?.kind !== "deflate" || !found.plain || memberModel(found.plain) === "general") return found;
  return { ...found, group: `part at ${found.start}` };
};

function memberNode(content: Uint8Array): ModelLeaf {
  return { ...general(content), model: memberModel(content) };
}

function memberModel(content: Uint8Array): string {
  if (isShapes(content)) return "shapes";
  return isKnownTable(content.subarray(0, PROBE_BYTES), content.length) ? "table" : "general";
}

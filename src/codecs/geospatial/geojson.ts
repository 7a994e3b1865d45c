import { type Level, MAX_SEGMENT_BYTES, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Format, no, type Prepared, type Probe, type Scratch, type Sniff, yes } from "../codec";
import { lastLineEnd, lineSegments } from "../cuts";
import { FileWriter } from "../file-writer";
import { hasMagic, latin1 } from "../sniff";
import { type CoordinateCounts, type CoordinateOptions, rewriteCoordinates } from "./geojson-coordinates";
import { GeojsonScanner } from "./geojson-scanner";

const GEOMETRY_TYPES = [
  "Point",
  "MultiPoint",
  "LineString",
  "MultiLineString",
  "Polygon",
  "MultiPolygon",
  "GeometryCollection",
];
const TYPES: ReadonlySet<string> = new Set(["FeatureCollection", "Feature", ...GEOMETRY_TYPES]);
const TYPE_MEMBER = new RegExp(`"type"\\s*:\\s*"(${[...TYPES].join("|")})"`);

export const geojson: Format = {
  name: "geojson",
  title: "GeoJSON",
  extensions: ["geojson", "json", "geojsonl", "topojson"],
  mediaType: "application/geo+json",
  sniff,
};

/** Opens each text of a GeoJSON text sequence (RFC 8142). */
const RECORD_SEPARATOR = "\x1e";

/** Coordinates of relatives of GeoJSON (TopoJSON, Esri JSON, sequences) are not touched; they still are map data. */
function sniff({ head }: Probe): Sniff {
  const text = latin1(head.subarray(bomLength(head)));
  if (!/^\s*[{[]/.test(text.replaceAll(RECORD_SEPARATOR, "")))
    return no("no GeoJSON: the file does not begin with a JSON object");
  if (TYPE_MEMBER.test(text)) return yes(0.95);
  if (/"type"\s*:\s*"Topology"/.test(text)) return yes(0.9);
  if (/"(geometryType|spatialReference|rings|paths)"\s*:/.test(text)) return yes(0.7);
  if (/"(features|coordinates|geometry|geometries)"\s*:/.test(text)) return yes(0.5);
  return no('no GeoJSON: no `"type"` of a feature or geometry near the start');
}

function bomLength(head: Uint8Array): number {
  return hasMagic(head, [0xef, 0xbb, 0xbf]) ? 3 : 0;
}

/** `precision` is 0 to 15 decimals or `full`; `simplify` a tolerance in coordinate units. */
export interface GeojsonParams {
  readonly precision: number | "full";
  readonly simplify: number;
}

/** A border may be shared by features far apart; the faster level works on several segments at once. */
const SEGMENT_BYTES = { balanced: 8 << 20, max: MAX_SEGMENT_BYTES };

/** Plans segments of whole lines, where there are lines; a segment may begin within a geometry. */
export async function* planGeojson(source: Source, level: Level): AsyncGenerator<Segment> {
  if (level === "fast") {
    yield* lineSegments(source);
    return;
  }
  for (let offset = 0; offset < source.size; ) {
    const target = offset + SEGMENT_BYTES[level];
    const end = target >= source.size ? source.size : await lastLineEnd(source, target);
    yield {
      length: end - offset,
      root: { kind: "model", model: "geometry", data: { offset, length: end - offset } },
    };
    offset = end;
  }
}

const CHUNK_BYTES = 1 << 18;

/**
 * Rounds and simplifies the coordinates of all geometries, every value of a position alike; all other bytes stay. A
 * file that is no GeoJSON, or no JSON at all, is left as it is.
 */
export async function prepareGeojson(source: Source, params: GeojsonParams, scratch: Scratch): Promise<Prepared> {
  const options: CoordinateOptions = {
    precision: params.precision === "full" ? undefined : params.precision,
    simplify: params.simplify,
  };
  if (options.precision === undefined && options.simplify === 0) return { lossless: true };
  const path = scratch.path();
  const writer = new FileWriter(path);
  try {
    const counts = await rewrite(source, options, writer);
    if (!counts) return { lossless: true };
    // Archives keep the report, and a file that stays as it is must take no more than with all its digits.
    if (counts.rounded + counts.removed === 0) return { lossless: true };
    return { path, lossless: false, report: { ...counts } };
  } finally {
    writer.finish();
  }
}

/** @returns undefined when the file turned out to be no GeoJSON; what was written is then worth nothing */
async function rewrite(
  source: Source,
  options: CoordinateOptions,
  writer: FileWriter,
): Promise<CoordinateCounts | undefined> {
  const rewriter = new GeojsonRewriter(options, writer);
  let at = bomLength(await source.read(0, 3));
  writer.write(await source.read(0, at));
  while (at < source.size) {
    const chunk = await source.read(at, CHUNK_BYTES);
    if (chunk.length === 0 || !rewriter.push(chunk)) return undefined;
    at += chunk.length;
  }
  return rewriter.finish();
}

/** A larger geometry stays as it is, so that memory stays bounded. */
const MAX_GEOMETRY_BYTES = 32 << 20;

/** Bytes kept back from the start of a geometry's coordinates until its type is known for certain, at its end. */
interface Held {
  readonly chunks: Uint8Array[];
  length: number;
  /** Of the array itself, once it has ended. */
  arrayLength?: number;
  /** Where in the tree the array stands. */
  readonly depth: number;
  /** There is a second `coordinates` in the same geometry: nobody knows which one counts. */
  ambiguous: boolean;
}

/** Passes a file through, chunk by chunk, and rewrites the coordinates on the way. */
class GeojsonRewriter {
  readonly #counts: CoordinateCounts = { coordinates: 0, rounded: 0, removed: 0 };
  readonly #scanner: GeojsonScanner;
  #chunk: Uint8Array = new Uint8Array();
  #passed = 0;
  #held: Held | undefined;

  constructor(
    readonly options: CoordinateOptions,
    readonly writer: FileWriter,
  ) {
    this.#scanner = new GeojsonScanner({
      coordinates: (at, depth) => this.#begin(at, depth),
      coordinatesEnd: (at, depth) => this.#arrayEnd(at, depth),
      geometryEnd: (at, depth, type) => this.#geometryEnd(at, depth, type),
    });
  }

  push(chunk: Uint8Array): boolean {
    this.#chunk = chunk;
    this.#passed = 0;
    const sound = this.#scanner.scan(chunk);
    this.#pass(chunk.length);
    if (this.#held && this.#held.length > MAX_GEOMETRY_BYTES) this.#release();
    return sound;
  }

  finish(): CoordinateCounts | undefined {
    const type = this.#scanner.finish();
    return type !== undefined && TYPES.has(type) ? this.#counts : undefined;
  }

  /** Hands on the chunk's bytes before `at`. */
  #pass(at: number): void {
    const bytes = this.#chunk.subarray(this.#passed, at);
    this.#passed = at;
    if (!this.#held) {
      this.writer.write(bytes);
    } else if (bytes.length > 0) {
      this.#held.chunks.push(new Uint8Array(bytes));
      this.#held.length += bytes.length;
    }
  }

  #begin(at: number, depth: number): void {
    if (this.#held) {
      if (this.#held.depth === depth) this.#held.ambiguous = true;
      return;
    }
    this.#pass(at);
    this.#held = { chunks: [], length: 0, depth, ambiguous: false };
  }

  #arrayEnd(at: number, depth: number): void {
    if (this.#held?.depth !== depth) return;
    this.#pass(at);
    this.#held.arrayLength ??= this.#held.length;
  }

  #geometryEnd(at: number, depth: number, type: string): void {
    const held = this.#held;
    if (held?.depth !== depth + 1) return;
    this.#pass(at);
    if (held.ambiguous) {
      this.#release();
      return;
    }
    const bytes = Buffer.concat(held.chunks, held.length);
    const write = (piece: Uint8Array) => this.writer.write(piece);
    rewriteCoordinates(bytes.subarray(0, held.arrayLength), type, this.options, this.#counts, write);
    write(bytes.subarray(held.arrayLength));
    this.#held = undefined;
  }

  /** Writes what is held as it is. */
  #release(): void {
    for (const bytes of this.#held!.chunks) this.writer.write(bytes);
    this.#held = undefined;
  }
}

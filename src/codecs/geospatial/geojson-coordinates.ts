import { roundDecimal } from "./geojson-decimal";
import { simplify } from "./geojson-simplify";

/** How deep the arrays of a geometry's coordinates are nested (RFC 7946 section 3.1). */
const DEPTHS: Readonly<Record<string, number>> = {
  Point: 1,
  MultiPoint: 2,
  LineString: 2,
  MultiLineString: 3,
  Polygon: 3,
  MultiPolygon: 4,
};

/** Those made of linear rings, and those made of lines; positions of others never go. */
const RINGS: ReadonlySet<string> = new Set(["Polygon", "MultiPolygon"]);
const LINES: ReadonlySet<string> = new Set(["LineString", "MultiLineString"]);

export interface CoordinateOptions {
  /** Decimals to keep; undefined keeps them all. */
  readonly precision?: number;
  /** Tolerance in coordinate units; 0 keeps every position. */
  readonly simplify: number;
}

/** Positions seen, changed and left out. */
export interface CoordinateCounts {
  coordinates: number;
  rounded: number;
  removed: number;
}

/** Called for what a geometry's coordinates hold, in order; offsets are `[start, end)`. */
interface Visitor {
  number?(start: number, end: number): void;
  /** A position, brackets included; its numbers were told before. */
  position?(start: number, end: number): void;
  /** The positions since the last call form a line or a set of points. */
  line?(): void;
}

/**
 * Rounds and simplifies the value of a `coordinates` member; bytes outside changed numbers and removed positions
 * stay. A value that is not what the geometry's type asks for stays whole.
 *
 * @param bytes valid JSON
 * @param emit takes the new value piece by piece
 */
export function rewriteCoordinates(
  bytes: Uint8Array,
  type: string,
  options: CoordinateOptions,
  counts: CoordinateCounts,
  emit: (bytes: Uint8Array) => void,
): void {
  const depth = Object.hasOwn(DEPTHS, type) ? DEPTHS[type]! : 0;
  if (depth === 0 || !visit(bytes, depth, {})) {
    emit(bytes);
    return;
  }
  const { precision, simplify: tolerance } = options;
  const simplifies = tolerance > 0 && (RINGS.has(type) || LINES.has(type));
  const removed = simplifies ? removedRanges(bytes, depth, RINGS.has(type), tolerance) : [];
  const editor = new Editor(bytes, removed, emit);
  let changed = false;
  visit(bytes, depth, {
    number(start, end) {
      const rounded = precision === undefined ? undefined : roundDecimal(bytes, start, end, precision);
      if (rounded && editor.replace(start, end, rounded)) changed = true;
    },
    position() {
      counts.coordinates++;
      if (changed) counts.rounded++;
      changed = false;
    },
  });
  editor.copyTo(bytes.length);
  counts.removed += removed.length;
}

type Range = readonly [start: number, end: number];

/** Emits bytes with some ranges left out and others replaced, front to back. */
class Editor {
  #done = 0;
  #next = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly removed: readonly Range[],
    readonly emit: (bytes: Uint8Array) => void,
  ) {}

  copyTo(end: number): void {
    for (; this.#next < this.removed.length && this.removed[this.#next]![0] < end; this.#next++) {
      const [from, to] = this.removed[this.#next]!;
      if (from > this.#done) this.emit(this.bytes.subarray(this.#done, from));
      this.#done = to;
    }
    if (end <= this.#done) return;
    this.emit(this.bytes.subarray(this.#done, end));
    this.#done = end;
  }

  /** False when the range is left out anyway. */
  replace(start: number, end: number, by: Uint8Array): boolean {
    this.copyTo(start);
    if (this.#done > start) return false;
    this.emit(by);
    this.#done = end;
    return true;
  }
}

/** Simplifies line by line; a position goes with all that separates it from the next one. */
function removedRanges(bytes: Uint8Array, depth: number, rings: boolean, tolerance: number): Range[] {
  const removed: Range[] = [];
  let numbers: number[] = [];
  let x: number[] = [];
  let y: number[] = [];
  let starts: number[] = [];
  visit(bytes, depth, {
    number(start, end) {
      if (numbers.length < 2) numbers.push(Number(Buffer.from(bytes.subarray(start, end)).toString("latin1")));
    },
    position(start) {
      x.push(numbers[0] ?? Number.NaN);
      y.push(numbers[1] ?? Number.NaN);
      starts.push(start);
      numbers = [];
    },
    line() {
      const stays = simplify({ x, y }, tolerance, rings);
      stays?.forEach((stay, i) => {
        if (!stay) removed.push([starts[i]!, starts[i + 1]!]);
      });
      x = [];
      y = [];
      starts = [];
    },
  });
  return removed;
}

const OPEN = 0x5b;
const CLOSE = 0x5d;

/** @returns whether the bytes are arrays nested to exactly `depth` around numbers; calls end where they are not */
function visit(bytes: Uint8Array, depth: number, visitor: Visitor): boolean {
  let level = 0;
  let position = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    if (byte === OPEN) {
      if (++level > depth) return false;
      if (level === depth) position = at;
      at++;
    } else if (byte === CLOSE) {
      at++;
      if (level === depth) visitor.position?.(position, at);
      if (level === depth - 1) visitor.line?.();
      level--;
    } else if (isNumberByte(byte)) {
      if (level !== depth) return false;
      const start = at;
      while (isNumberByte(bytes[at])) at++;
      visitor.number?.(start, at);
    } else if (byte === 0x2c || byte <= 0x20) {
      at++;
    } else {
      return false;
    }
  }
  return true;
}

/** `0-9 + - . e E` */
function isNumberByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65
  );
}

/** What a JSON container is in a GeoJSON document (RFC 7946). */
export const Place = {
  ROOT: 0,
  FEATURES: 1,
  FEATURE: 2,
  GEOMETRIES: 3,
  GEOMETRY: 4,
  COORDINATES: 5,
  OTHER: 6,
} as const;
export type Place = (typeof Place)[keyof typeof Place];

export interface ScanEvents {
  /** The array of a geometry's coordinates begins at byte `at` of the chunk. */
  coordinates(at: number, depth: number): void;
  /** It ended right before byte `at`. */
  coordinatesEnd(at: number, depth: number): void;
  /** A geometry, or the root, ended right before byte `at`; `type` is its last `type` member. */
  geometryEnd(at: number, depth: number, type: string): void;
}

/** Deeper files are not read as GeoJSON. */
const MAX_DEPTH = 256;

/** Longer strings are neither a key nor a type that matters here. */
const MAX_CAPTURE = 96;

const State = {
  VALUE: 0,
  FIRST_VALUE: 1,
  KEY: 2,
  FIRST_KEY: 3,
  COLON: 4,
  AFTER: 5,
  STRING: 6,
  ESCAPE: 7,
  HEX: 8,
  LITERAL: 9,
  // Numbers; those from INTEGER_ZERO on may end here.
  SIGN: 10,
  FRACTION_START: 11,
  EXPONENT_START: 12,
  EXPONENT_SIGN: 13,
  INTEGER_ZERO: 14,
  INTEGER: 15,
  FRACTION: 16,
  EXPONENT: 17,
} as const;
type State = (typeof State)[keyof typeof State];

/**
 * Reads JSON (RFC 8259) chunk by chunk, strictly, and tells where the coordinates of its geometries lie. Holds a
 * few hundred bytes, whatever the file.
 */
export class GeojsonScanner {
  #state: State = State.VALUE;
  #depth = 0;
  readonly #places = new Uint8Array(MAX_DEPTH + 1);
  readonly #isArray = new Uint8Array(MAX_DEPTH + 1);
  readonly #types: string[] = [];
  #key = "";
  #isKey = false;
  #captured = "";
  #hexLeft = 0;
  #literal = "";
  #literalAt = 0;
  #rootType: string | undefined;

  constructor(readonly events: ScanEvents) {}

  /** The `type` of the root object once the file has ended well; undefined when it was no such JSON. */
  finish(): string | undefined {
    return this.#state === State.AFTER && this.#depth === 0 ? this.#rootType : undefined;
  }

  /** @returns whether everything so far is JSON */
  scan(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#state === State.STRING) {
        if (!this.#stringByte(byte)) return false;
      } else if (this.#state >= State.INTEGER && isDigit(byte)) {
        while (isDigit(chunk[at + 1])) at++;
      } else if (this.#state >= State.SIGN) {
        if (!this.#numberByte(byte)) {
          // A number has no end mark: this byte already belongs to what follows.
          if (this.#state < State.INTEGER_ZERO) return false;
          this.#state = State.AFTER;
          at--;
        }
      } else if (!this.#otherByte(byte, at)) {
        return false;
      }
    }
    return true;
  }

  #stringByte(byte: number): boolean {
    if (byte === 0x22) {
      this.#endString();
      return true;
    }
    if (byte < 0x20) return false;
    if (byte === 0x5c) this.#state = State.ESCAPE;
    this.#capture(byte);
    return true;
  }

  #capture(byte: number): void {
    if (this.#captured.length <= MAX_CAPTURE) this.#captured += String.fromCharCode(byte);
  }

  #endString(): void {
    if (this.#isKey) {
      this.#key = spelled(this.#captured);
      this.#state = State.COLON;
    } else {
      if (this.#key === "type" && !this.#isArray[this.#depth]) this.#types[this.#depth] = spelled(this.#captured);
      this.#state = State.AFTER;
    }
  }

  #numberByte(byte: number): boolean {
    const next = nextInNumber(this.#state, byte);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }

  #otherByte(byte: number, at: number): boolean {
    switch (this.#state) {
      case State.ESCAPE:
        this.#capture(byte);
        this.#hexLeft = 4;
        this.#state = byte === 0x75 ? State.HEX : State.STRING;
        return '"\\/bfnrtu'.includes(String.fromCharCode(byte));
      case State.HEX:
        this.#capture(byte);
        if (--this.#hexLeft === 0) this.#state = State.STRING;
        return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
      case State.LITERAL:
        if (byte !== this.#literal.charCodeAt(this.#literalAt++)) return false;
        if (this.#literalAt === this.#literal.length) this.#state = State.AFTER;
        return true;
      default:
        return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || this.#token(byte, at);
    }
  }

  #token(byte: number, at: number): boolean {
    switch (this.#state) {
      case State.FIRST_VALUE:
        return byte === 0x5d ? this.#close(byte, at) : this.#startValue(byte, at);
      case State.VALUE:
        return this.#startValue(byte, at);
      case State.FIRST_KEY:
        return byte === 0x7d ? this.#close(byte, at) : this.#startKey(byte);
      case State.KEY:
        return this.#startKey(byte);
      case State.COLON:
        this.#state = State.VALUE;
        return byte === 0x3a;
      default:
        if (byte !== 0x2c) return this.#close(byte, at);
        this.#state = this.#isArray[this.#depth] ? State.VALUE : State.KEY;
        return this.#depth > 0;
    }
  }

  #startKey(byte: number): boolean {
    this.#isKey = true;
    this.#captured = "";
    this.#state = State.STRING;
    return byte === 0x22;
  }

  #startValue(byte: number, at: number): boolean {
    if (byte === 0x7b || byte === 0x5b) return this.#open(byte === 0x5b, at);
    if (byte === 0x22) {
      this.#isKey = false;
      this.#captured = "";
      this.#state = State.STRING;
      return true;
    }
    if (byte === 0x2d || isDigit(byte)) {
      this.#state = byte === 0x2d ? State.SIGN : byte === 0x30 ? State.INTEGER_ZERO : State.INTEGER;
      return true;
    }
    const literal = ["true", "false", "null"].find((word) => word.charCodeAt(0) === byte);
    this.#literal = literal ?? "";
    this.#literalAt = 1;
    this.#state = State.LITERAL;
    return literal !== undefined;
  }

  #open(isArray: boolean, at: number): boolean {
    if (this.#depth === MAX_DEPTH) return false;
    const place = placeOf(this.#depth === 0 ? undefined : this.#places[this.#depth]!, this.#key, isArray);
    this.#depth++;
    this.#places[this.#depth] = place;
    this.#isArray[this.#depth] = isArray ? 1 : 0;
    this.#types[this.#depth] = "";
    this.#state = isArray ? State.FIRST_VALUE : State.FIRST_KEY;
    if (place === Place.COORDINATES) this.events.coordinates(at, this.#depth);
    return true;
  }

  #close(byte: number, at: number): boolean {
    if (this.#depth === 0 || byte !== (this.#isArray[this.#depth] ? 0x5d : 0x7d)) return false;
    const depth = this.#depth--;
    const place = this.#places[depth];
    const type = this.#types[depth]!;
    if (place === Place.COORDINATES) this.events.coordinatesEnd(at + 1, depth);
    if (place === Place.GEOMETRY || place === Place.ROOT) this.events.geometryEnd(at + 1, depth, type);
    if (depth === 1) this.#rootType = type;
    this.#state = State.AFTER;
    return true;
  }
}

/** What a container is, from where it stands: inside `parent` (undefined at the top) behind the key `key`. */
function placeOf(parent: number | undefined, key: string, isArray: boolean): Place {
  if (parent === undefined) return isArray ? Place.OTHER : Place.ROOT;
  if (parent === Place.FEATURES) return isArray ? Place.OTHER : Place.FEATURE;
  if (parent === Place.GEOMETRIES) return isArray ? Place.OTHER : Place.GEOMETRY;
  if (parent === Place.ROOT && key === "features" && isArray) return Place.FEATURES;
  if ((parent === Place.ROOT || parent === Place.FEATURE) && key === "geometry" && !isArray) return Place.GEOMETRY;
  if ((parent === Place.ROOT || parent === Place.GEOMETRY) && isArray) {
    if (key === "geometries") return Place.GEOMETRIES;
    if (key === "coordinates") return Place.COORDINATES;
  }
  return Place.OTHER;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** RFC 8259 section 6, or undefined where the number does not go on with `byte`. */
function nextInNumber(state: State, byte: number): State | undefined {
  const digit = isDigit(byte);
  const exponent = (byte | 0x20) === 0x65;
  switch (state) {
    case State.SIGN:
      return digit ? (byte === 0x30 ? State.INTEGER_ZERO : State.INTEGER) : undefined;
    case State.INTEGER_ZERO:
    case State.INTEGER:
      if (digit && state === State.INTEGER) return state;
      return byte === 0x2e ? State.FRACTION_START : exponent ? State.EXPONENT_START : undefined;
    case State.FRACTION_START:
    case State.FRACTION:
      return digit ? State.FRACTION : exponent && state === State.FRACTION ? State.EXPONENT_START : undefined;
    case State.EXPONENT_START:
      return digit ? State.EXPONENT : byte === 0x2b || byte === 0x2d ? State.EXPONENT_SIGN : undefined;
    default:
      return digit ? State.EXPONENT : undefined;
  }
}

/** A key or type may be spelled with escapes; the scanner has checked that they are sound. */
function spelled(text: string): string {
  return text.includes("\\") && text.length <= MAX_CAPTURE ? JSON.parse(`"${text}"`) : text;
}

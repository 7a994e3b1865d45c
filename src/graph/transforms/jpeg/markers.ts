/** The headers of a JPEG image in front of its first scan (ITU-T T.81 annex B, T.87 annex C). */
export interface JpegHeader {
  /** The start of frame: 0xc3 lossless Huffman coding, 0xf7 JPEG-LS, others. */
  readonly process: number;
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
  /** Huffman tables of class 0 by their destination. */
  readonly tables: ReadonlyMap<number, HuffmanTable>;
  /** Restart interval; 0 for none. */
  readonly restart: number;
  /** The three bytes at the end of a scan header: Ss, Se, Ah and Al, or NEAR, ILV and point transform. */
  readonly scan: readonly [number, number, number];
  /** Preset coding parameters of JPEG-LS: MAXVAL, T1, T2, T3, RESET. */
  readonly preset?: readonly [number, number, number, number, number];
  /** Bytes up to the entropy-coded ones. */
  readonly bytes: number;
}

export interface JpegComponent {
  readonly id: number;
  readonly sampling: number;
  /** Destination of its Huffman table, or the number of its mapping table. */
  readonly table: number;
}

export interface HuffmanTable {
  /** Codes of 1 to 16 bits. */
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

const START = 0xd8;
const TABLES = 0xc4;
const SCAN = 0xda;
const RESTART = 0xdd;
const PRESETS = 0xf8;
/** Frames are 0xc0 to 0xcf but for these, and 0xf7. */
const NO_FRAMES = [0xc4, 0xc8, 0xcc];

/** Reads the headers; undefined where they are none, or the first scan has not all components. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== START) return undefined;
  let frame: Frame | undefined;
  let restart = 0;
  let preset: JpegHeader["preset"];
  const tables = new Map<number, HuffmanTable>();
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1]!;
    const length = word(bytes, at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (bytes[at] !== 0xff || length < 2 || segment.length !== length - 2) return undefined;
    at += 2 + length;
    if (marker === SCAN) return frame && scanOf(frame, segment, { tables, restart, preset, bytes: at });
    if (marker === TABLES) {
      if (!readTables(segment, tables)) return undefined;
    } else if (marker === RESTART && segment.length === 2) restart = word(segment, 0);
    else if (marker === PRESETS) {
      if (segment[0] !== 1 || segment.length !== 11) return undefined;
      const [a, b, c, d, e] = [1, 3, 5, 7, 9].map((place) => word(segment, place));
      preset = [a!, b!, c!, d!, e!];
    } else if (isFrame(marker)) frame = frameOf(marker, segment);
  }
  return undefined;
}

type Frame = Pick<JpegHeader, "process" | "precision" | "width" | "height" | "components">;

function isFrame(marker: number): boolean {
  return marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.includes(marker));
}

function frameOf(process: number, segment: Uint8Array): Frame | undefined {
  const count = segment[5] ?? 0;
  if (segment.length !== 6 + 3 * count) return undefined;
  const components = Array.from({ length: count }, (_, i) => {
    return { id: segment[6 + 3 * i]!, sampling: segment[7 + 3 * i]!, table: 0 };
  });
  return { process, precision: segment[0]!, height: word(segment, 1), width: word(segment, 3), components };
}

function scanOf(
  frame: Frame,
  segment: Uint8Array,
  rest: Pick<JpegHeader, "tables" | "restart" | "preset" | "bytes">,
): JpegHeader | undefined {
  const count = segment[0] ?? 0;
  if (count !== frame.components.length || segment.length !== 4 + 2 * count) return undefined;
  const components = frame.components.map((component, i) => ({ ...component, table: segment[2 + 2 * i]! }));
  if (components.some(({ id }, i) => segment[1 + 2 * i] !== id)) return undefined;
  const [a, b, c] = segment.subarray(1 + 2 * count);
  return { ...frame, components, scan: [a!, b!, c!], ...rest };
}

function readTables(segment: Uint8Array, tables: Map<number, HuffmanTable>): boolean {
  for (let at = 0; at < segment.length; ) {
    const destination = segment[at]!;
    const counts = segment.slice(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = segment.slice(at + 17, at + 17 + total);
    if (counts.length < 16 || values.length < total) return false;
    tables.set(destination, { counts, values });
    at += 17 + total;
  }
  return true;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** The marker layer of JPEG (ISO/IEC 10918-1 annex B): what an image is, without decoding any of it. */

export interface JpegSegment {
  /** The marker's second byte: 0xe1 is APP1. */
  readonly marker: number;
  /** Where the marker's 0xff lies. */
  readonly offset: number;
  /** What follows the two length bytes. */
  readonly payload: Uint8Array;
}

export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantTable: number;
}

export interface JpegFrame {
  /** Start-of-frame marker: 0xc0 baseline, 0xc1 extended, 0xc2 progressive, others arithmetic or lossless. */
  readonly marker: number;
  /** Bits per sample. */
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: readonly JpegComponent[];
}

export interface Jpeg {
  readonly frame: JpegFrame;
  /** APPn and COM segments, in order. */
  readonly metadata: readonly JpegSegment[];
  /** Quantisation tables in zigzag order, by their number. */
  readonly quantTables: ReadonlyMap<number, readonly number[]>;
  /** The offset after the end-of-image marker; null when the file ends before one. */
  readonly end: number | null;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const COM = 0xfe;

/** SOF0 to SOF15, without DHT (0xc4), JPG (0xc8) and DAC (0xcc), which lie among them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isMetadata(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === COM;
}

/** RSTn, SOI, TEM: markers with neither length nor payload. */
function isBare(marker: number): boolean {
  return (marker >= 0xd0 && marker <= SOI) || marker === 0x01;
}

function readFrame(marker: number, payload: Uint8Array): JpegFrame | null {
  const count = payload[5] ?? 0;
  if (payload.length < 6 + 3 * count) return null;
  const components = Array.from({ length: count }, (_, index) => {
    const at = 6 + 3 * index;
    return {
      id: payload[at]!,
      horizontal: payload[at + 1]! >> 4,
      vertical: payload[at + 1]! & 15,
      quantTable: payload[at + 2]!,
    };
  });
  return {
    marker,
    precision: payload[0]!,
    height: (payload[1]! << 8) | payload[2]!,
    width: (payload[3]! << 8) | payload[4]!,
    components,
  };
}

function readQuantTables(payload: Uint8Array, into: Map<number, number[]>): void {
  for (let at = 0; at < payload.length; ) {
    const wide = payload[at]! >> 4 !== 0;
    const bytes = wide ? 128 : 64;
    if (at + 1 + bytes > payload.length) return;
    const start = at + 1;
    into.set(
      payload[at]! & 15,
      Array.from({ length: 64 }, (_, i) =>
        wide ? (payload[start + 2 * i]! << 8) | payload[start + 2 * i + 1]! : payload[start + i]!,
      ),
    );
    at = start + bytes;
  }
}

/** The next marker at or after `at`: past entropy-coded data, stuffed zeros, restart markers and fill bytes. */
function nextMarker(bytes: Uint8Array, at: number): number {
  for (let i = bytes.indexOf(0xff, at); i !== -1 && i + 1 < bytes.length; i = bytes.indexOf(0xff, i + 1)) {
    const marker = bytes[i + 1]!;
    if (marker !== 0 && marker !== 0xff && !isBare(marker)) return i;
  }
  return -1;
}

/**
 * Reads the markers of a JPEG file. Null when the bytes do not start as a JPEG or hold no frame header; a file that
 * ends early or goes wrong after that is described as far as it is sound, with `end` null.
 */
export function parseJpeg(bytes: Uint8Array): Jpeg | null {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return null;
  const metadata: JpegSegment[] = [];
  const quantTables = new Map<number, number[]>();
  let frame: JpegFrame | null = null;
  let end: number | null = null;
  for (let at = nextMarker(bytes, 2); at !== -1; ) {
    const marker = bytes[at + 1]!;
    if (marker === EOI) {
      end = at + 2;
      break;
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const next = at + 2 + length;
    if (length < 2 || next > bytes.length) break;
    const payload = bytes.subarray(at + 4, next);
    if (isFrame(marker)) frame ??= readFrame(marker, payload);
    if (marker === DQT) readQuantTables(payload, quantTables);
    if (isMetadata(marker)) metadata.push({ marker, offset: at, payload });
    // Between segments nothing but fill bytes may stand; after a scan header comes the scan.
    at = marker === SOS || bytes[next] !== 0xff ? nextMarker(bytes, next) : nextMarkerAfterFill(bytes, next);
  }
  return frame && { frame, metadata, quantTables, end };
}

function nextMarkerAfterFill(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i + 1] === 0xff) i++;
  return i + 1 < bytes.length ? i : -1;
}

/** Writes one segment: marker, length, payload. */
export function segmentBytes(marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  const bytes = new Uint8Array(length + 2);
  bytes.set([0xff, marker, length >> 8, length & 0xff]);
  bytes.set(payload, 4);
  return bytes;
}

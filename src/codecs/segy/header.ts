import { hasMagic, viewOf } from "../sniff";

/** SEG-Y revision 2.1 (SEG Technical Standards Committee, 2023): sizes of its parts. Offsets here count from 0. */
export const TEXT_BYTES = 3200;
export const HEADER_BYTES = 3600;
export const TRACE_HEADER_BYTES = 240;

/** Bytes of a sample by its format code (binary header bytes 3225-3226). */
const SAMPLE_BYTES: Readonly<Record<number, number>> = {
  1: 4,
  2: 4,
  3: 2,
  4: 4,
  5: 4,
  6: 8,
  7: 3,
  8: 1,
  9: 8,
  10: 4,
  11: 2,
  12: 8,
  15: 3,
  16: 1,
};

/** What textual and binary header say of the file. */
export interface SegyHeader {
  readonly bigEndian: boolean;
  readonly formatCode: number;
  readonly sampleBytes: number;
  /** Samples of each trace; 0 when unsaid. */
  readonly samples: number;
  /** Whether all traces are said to have as many. */
  readonly fixedLength: boolean;
  /** Extended textual headers; -1 when an end stanza ends them. */
  readonly extendedTexts: number;
  /** Bytes of the headers of a trace. */
  readonly traceHeaderBytes: number;
  /** Trailer stanzas of 3200 bytes; -1 when there is an unsaid number. */
  readonly trailers: number;
}

/** Reads the headers, or says why these are none. @param head at least the first 3600 bytes */
export function readHeader(head: Uint8Array): SegyHeader | string {
  if (head.length < HEADER_BYTES) return `the file is shorter than the ${HEADER_BYTES} bytes of SEG-Y's headers`;
  const view = viewOf(head);
  const bigEndian = hasMagic(head, [4, 3, 2, 1], 3296)
    ? false
    : isSampleCode(view.getInt16(3224)) || !isSampleCode(view.getInt16(3224, true));
  const formatCode = view.getInt16(3224, !bigEndian);
  if (!isSampleCode(formatCode)) {
    return `the bytes 3225-3226 hold ${formatCode}, which is no sample format of SEG-Y`;
  }
  const revision2 = head[3500]! === 2;
  const extended = revision2 ? view.getUint32(3268, !bigEndian) : 0;
  const additional = revision2 ? view.getInt32(3506, !bigEndian) : 0;
  return {
    bigEndian,
    formatCode,
    sampleBytes: SAMPLE_BYTES[formatCode]!,
    samples: extended || view.getUint16(3220, !bigEndian),
    fixedLength: view.getInt16(3502, !bigEndian) === 1,
    extendedTexts: head[3500]! >= 1 && head[3500]! <= 2 ? view.getInt16(3504, !bigEndian) : 0,
    traceHeaderBytes: TRACE_HEADER_BYTES * (1 + Math.max(0, additional)),
    trailers: revision2 ? view.getInt32(3528, !bigEndian) : 0,
  };
}

function isSampleCode(code: number): boolean {
  return Object.hasOwn(SAMPLE_BYTES, code);
}

/** Samples of a trace as its own header says (bytes 115-116). */
export function traceSamples(header: Uint8Array, bigEndian: boolean): number {
  return viewOf(header).getUint16(114, !bigEndian);
}

/** Whether the textual header is text, in ASCII or EBCDIC, or left blank. */
export function textIsPlausible(head: Uint8Array): boolean {
  let ascii = 0;
  let ebcdic = 0;
  for (const byte of head.subarray(0, TEXT_BYTES)) {
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 0x0a || byte === 0x0d) ascii++;
    if (isEbcdicText(byte)) ebcdic++;
  }
  return Math.max(ascii, ebcdic) >= 0.95 * TEXT_BYTES;
}

/** Printable characters of code page 037, line ends and zero. */
function isEbcdicText(byte: number): boolean {
  if (byte < 0x40) return byte === 0 || byte === 0x0d || byte === 0x15 || byte === 0x25;
  const low = byte & 0x0f;
  if (byte < 0x80) return byte === 0x40 || byte === 0x61 || low >= 0x09;
  return low <= 9 || byte === 0xad || byte === 0xbd;
}

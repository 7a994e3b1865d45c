import { Inflate } from "fflate";
import { PROBE_BYTES, type Probe } from "./codec";

/** Whether `magic` (text taken as Latin-1, or byte values) stands at `offset`. */
export function hasMagic(bytes: Uint8Array, magic: string | readonly number[], offset = 0): boolean {
  if (offset + magic.length > bytes.length) return false;
  for (let i = 0; i < magic.length; i++) {
    const wanted = typeof magic === "string" ? magic.charCodeAt(i) : magic[i];
    if (bytes[offset + i] !== wanted) return false;
  }
  return true;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One character per byte, so that positions stay byte offsets. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

const MAGICS: readonly (readonly [kind: string, magic: string | readonly number[], offset?: number])[] = [
  ["a PNG image", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["a JPEG image", [0xff, 0xd8, 0xff]],
  ["a GIF image", "GIF87a"],
  ["a GIF image", "GIF89a"],
  ["a TIFF image", "II*\0"],
  ["a TIFF image", "MM\0*"],
  ["a BigTIFF image", "II+\0\x08\0"],
  ["a BigTIFF image", "MM\0+\0\x08"],
  ["an ELF program", "\x7fELF"],
  ["a Java class", [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0]],
  ["a WebAssembly module", "\0asm"],
  ["a ZIP archive", "PK\x03\x04"],
  ["a ZIP archive", "PK\x05\x06"],
  ["a gzip stream", [0x1f, 0x8b, 0x08]],
  ["a bzip2 stream", "1AY&SY", 4],
  ["an xz stream", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["a Zstandard stream", [0x28, 0xb5, 0x2f, 0xfd]],
  ["a 7z archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["a RAR archive", "Rar!\x1a\x07"],
  ["a tar archive", "ustar", 257],
  ["a PDF document", "%PDF-"],
  ["a RIFF file", "RIFF"],
  ["an Ogg stream", "OggS\0"],
  ["a FLAC file", "fLaC"],
  ["an MP3 file", "ID3\x02"],
  ["an MP3 file", "ID3\x03"],
  ["an MP3 file", "ID3\x04"],
  ["an MP4 file", "ftyp", 4],
  ["a Matroska file", [0x1a, 0x45, 0xdf, 0xa3]],
  ["a DICOM file", "DICM", 128],
  ["a FITS file", "SIMPLE  ="],
  ["a LAS point cloud", "LASF"],
  ["a CRAM file", "CRAM\x02"],
  ["a CRAM file", "CRAM\x03"],
  ["a SQLite database", "SQLite format 3\0"],
  ["an HDF5 file", [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["a Parquet file", "PAR1\x15"],
  ["a shapefile", [0, 0, 0x27, 0x0a, 0, 0, 0, 0]],
];

/** The name of a well-known binary kind whose magic number opens the file, for reasons that a person understands. */
export function knownKind(probe: Probe): string | undefined {
  return MAGICS.find(([, magic, offset]) => hasMagic(probe.head, magic, offset))?.[0];
}

const TEXT_KINDS: readonly (readonly [kind: string, opening: RegExp])[] = [
  ["VCF", /^##fileformat=VCF/i],
  ["SAM", /^@(HD|SQ|RG|PG)\t/],
  ["FASTQ", /^@[^\n]*\n[A-Za-z.*-]+\r?\n\+/],
  ["FASTA", /^>[^\n]*\n[ACGTUNacgtun]{20,}\r?\n/],
  ["a mailbox", /^From [^\n]*\n>?[\w-]+:/],
  ["a well log", /^~V/i],
  ["GeoJSON", /^\s*\{[\s\S]{0,2000}?"type"\s*:\s*"(FeatureCollection|Topology)"/],
];

/** The name of a kind of text that its opening gives away. */
export function knownTextKind({ head }: TextProbe): string | undefined {
  return TEXT_KINDS.find(([, opening]) => opening.test(head))?.[0];
}

export interface TextProbe {
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be";
  /** The head without its byte order mark; the last line may be cut. 8-bit text is read as Latin-1. */
  readonly head: string;
  /** The first lines, without line ends; the last one is dropped when the probe cut it. */
  readonly lines: readonly string[];
}

const texts = new WeakMap<Probe, TextProbe | null>();

/** The head as text, or undefined when the probe shows a binary file. */
export function textOf(probe: Probe): TextProbe | undefined {
  let text = texts.get(probe);
  if (text === undefined) {
    text = readText(probe);
    texts.set(probe, text);
  }
  return text ?? undefined;
}

function readText(probe: Probe): TextProbe | null {
  if (probe.head.length === 0 || knownKind(probe)) return null;
  const encoding = encodingOf(probe.head);
  if (encoding === "utf-8") {
    // Binary headers have zeros where text, even with a few stray ones, has none.
    if (probe.head.subarray(0, 1024).includes(0)) return null;
    if (!looksTextual(probe.head) || !looksTextual(probe.tail)) return null;
    const bom = hasMagic(probe.head, [0xef, 0xbb, 0xbf]) ? 3 : 0;
    return textProbe(encoding, latin1(probe.head.subarray(bom)), probe);
  }
  const head = new TextDecoder(encoding).decode(probe.head.subarray(0, probe.head.length & ~1));
  return controlShare(head) > MAX_CONTROLS ? null : textProbe(encoding, head, probe);
}

function textProbe(encoding: TextProbe["encoding"], head: string, probe: Probe): TextProbe {
  const lines = head.split(/\r\n|\n|\r/);
  if (probe.head.length < probe.size || lines.at(-1) === "") lines.pop();
  return { encoding, head, lines };
}

/** By its mark, or by the zero bytes that Latin letters leave in every other place. */
function encodingOf(head: Uint8Array): TextProbe["encoding"] {
  if (hasMagic(head, [0xff, 0xfe])) return "utf-16le";
  if (hasMagic(head, [0xfe, 0xff])) return "utf-16be";
  const sample = head.subarray(0, 4096);
  if (sample.length < 16) return "utf-8";
  const zeros = [0, 0];
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i & 1]!++;
  const half = sample.length / 2;
  if (zeros[1]! > 0.7 * half && zeros[0]! < 0.02 * half) return "utf-16le";
  if (zeros[0]! > 0.7 * half && zeros[1]! < 0.02 * half) return "utf-16be";
  return "utf-8";
}

/** Random bytes hold 10 % control characters and 37 % printable ASCII; text of any 8-bit charset stays far off. */
const MAX_CONTROLS = 0.03;
const MIN_ASCII = 0.2;

function looksTextual(bytes: Uint8Array): boolean {
  const text = latin1(bytes);
  if (controlShare(text) > MAX_CONTROLS) return false;
  let ascii = 0;
  for (const byte of bytes) if (byte < 0x80) ascii++;
  return ascii >= MIN_ASCII * bytes.length || isUtf8(bytes);
}

/** The share of characters that text does not use; tab, line ends, form feed, backspace and escape are text. */
function controlShare(text: string): number {
  let controls = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && !(code >= 8 && code <= 13) && code !== 0x1b) || code === 0x7f || code === 0xfffd)
      controls++;
  }
  return text.length === 0 ? 0 : controls / text.length;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(trimPartialCharacters(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Both ends of a probe may cut a character in two. */
function trimPartialCharacters(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
  let end = bytes.length;
  while (end > start && bytes.length - end < 3 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  if (end > start && bytes[end - 1]! >= 0xc0) end--;
  return bytes.subarray(start, end);
}

const inflations = new WeakMap<Probe, Probe | null>();

/** A probe of what a gzip or BGZF file (RFC 1952) holds, or undefined when it is none or is damaged at once. */
export function insideGzip(probe: Probe): Probe | undefined {
  let inside = inflations.get(probe);
  if (inside === undefined) {
    const head = hasMagic(probe.head, [0x1f, 0x8b, 0x08]) ? inflateHead(probe.head) : new Uint8Array();
    inside = head.length === 0 ? null : { head, tail: new Uint8Array(), size: head.length + 1, name: probe.name };
    inflations.set(probe, inside);
  }
  return inside ?? undefined;
}

/** Inflates the first member, in small steps so that a bomb is left after {@link PROBE_BYTES}. */
function inflateHead(bytes: Uint8Array): Uint8Array {
  const start = gzipHeaderLength(bytes);
  const out: Uint8Array[] = [];
  let length = 0;
  const inflate = new Inflate((chunk) => {
    out.push(chunk);
    length += chunk.length;
  });
  try {
    for (let at = start; at < bytes.length && length < PROBE_BYTES; at += 1024) {
      inflate.push(bytes.subarray(at, at + 1024), false);
    }
  } catch {
    // What came out before the damage is still a fair sample.
  }
  return new Uint8Array(Buffer.concat(out)).subarray(0, PROBE_BYTES);
}

/** RFC 1952 section 2.3. */
function gzipHeaderLength(bytes: Uint8Array): number {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const named of [8, 16]) {
    if (flags & named) {
      while (at < bytes.length && bytes[at] !== 0) at++;
      at++;
    }
  }
  return flags & 2 ? at + 2 : at;
}

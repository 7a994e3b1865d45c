import type { Source } from "../../graph/source";
import { MAX_CHANNELS, type PcmFormat } from "../../graph/transforms/audio/pcm";
import { hasMagic, viewOf } from "../sniff";

/** Where the samples of a WAVE file lie. */
export interface WaveLayout {
  readonly format: PcmFormat;
  readonly rate: number;
  /** Of the first sample, in bytes. */
  readonly offset: number;
  /** Whole samples of each channel that are there. */
  readonly frames: number;
  /** Why the samples should rather stay as they are, if something is odd about them. */
  readonly flaw?: string;
}

type SampleFormat = Pick<WaveLayout, "format" | "rate" | "flaw">;

/** More chunks before the samples than any writer makes. */
const MAX_CHUNKS = 4096;

const PCM = 1;
const IEEE_FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** What follows the format tag in a sub-format's GUID (mmreg.h). */
const GUID_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/** The same for ambisonic B-format, whose channels are components of one sound field. */
const AMBISONIC_TAIL = [0, 0, 0x21, 0x07, 0xd3, 0x11, 0x86, 0x44, 0xc8, 0xc1, 0xca, 0, 0, 0];

const UNKNOWN_LENGTH = 0xffffffff;

/** Sony Wave64 names its chunks by GUIDs; this is the rest of "riff". */
const WAVE64_TAIL = [0x2e, 0x91, 0xcf, 0x11, 0xa5, 0xd6, 0x28, 0xdb, 0x04, 0xc1, 0, 0];

export function isWave(head: Uint8Array): boolean {
  const riff = hasMagic(head, "RIFF") || hasMagic(head, "RF64") || hasMagic(head, "BW64");
  return (riff && hasMagic(head, "WAVE", 8)) || isWave64(head);
}

function isWave64(head: Uint8Array): boolean {
  return hasMagic(head, "riff") && hasMagic(head, WAVE64_TAIL, 4) && hasMagic(head, "wave", 24);
}

/**
 * Reads the chunks up to the samples (RIFF WAVE: Microsoft and IBM, 1991; RF64 and BW64: EBU Tech 3306, ITU-R
 * BS.2088).
 * @returns a sentence's end that says why the file's samples are not understood, in place of a layout
 */
export async function readWave(source: Source): Promise<WaveLayout | string> {
  const head = await source.read(0, 12);
  if (hasMagic(head, "riff")) return "Wave64 files are kept as they are";
  const riffLength = viewOf(head).getUint32(4, true);
  let format: SampleFormat | string = "there is no format chunk before the samples";
  let longLength: number | undefined;
  let at = 12;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const header = await source.read(at, 8);
    if (header.length < 8) return "there is no data chunk";
    const length = viewOf(header).getUint32(4, true);
    const body = at + 8;
    if (hasMagic(header, "ds64")) {
      longLength = readLongLength(await source.read(body, 24));
    } else if (hasMagic(header, "fmt ")) {
      format = readFormat(await source.read(body, Math.min(length, 40)));
    } else if (hasMagic(header, "data")) {
      if (typeof format === "string") return format;
      const streamed =
        length === UNKNOWN_LENGTH || (length === 0 && (riffLength === 0 || riffLength === UNKNOWN_LENGTH));
      const stated = longLength !== undefined && length === UNKNOWN_LENGTH ? longLength : length;
      return locate(format, body, streamed && stated !== longLength ? source.size - body : stated, source.size);
    }
    at = body + length + (length & 1);
  }
  return "there are too many chunks before the samples";
}

function locate({ format, rate, flaw }: SampleFormat, offset: number, stated: number, size: number): WaveLayout {
  const stride = format.channels * format.bytes;
  const length = Math.min(stated, size - offset);
  const frames = Math.floor(length / stride);
  if (stated > size - offset) return { format, rate, offset, frames, flaw: "the file ends before its samples do" };
  if (length % stride !== 0) return { format, rate, offset, frames, flaw: "the last sample is incomplete" };
  return { format, rate, offset, frames, flaw };
}

/** The data chunk's size in a `ds64` chunk. */
function readLongLength(body: Uint8Array): number | undefined {
  if (body.length < 16) return undefined;
  const length = Number(viewOf(body).getBigUint64(8, true));
  return Number.isSafeInteger(length) ? length : undefined;
}

function readFormat(body: Uint8Array): SampleFormat | string {
  if (body.length < 16) return "the format chunk is too short";
  const view = viewOf(body);
  const tag = readTag(body, view);
  const channels = view.getUint16(2, true);
  const rate = view.getUint32(4, true);
  const stride = view.getUint16(12, true);
  const width = view.getUint16(14, true);
  if (tag !== PCM && tag !== IEEE_FLOAT) return `its samples are compressed already (WAVE format ${tag})`;
  if (channels === 0 || channels > MAX_CHANNELS) return `it has ${channels} channels`;
  const bytes = stride / channels;
  if (bytes !== Math.ceil(width / 8) || rate === 0) return "its format chunk contradicts itself";
  if (tag === IEEE_FLOAT) {
    if (width !== 32 && width !== 64) return `its floating-point samples have ${width} bits`;
    return { format: { channels, bytes, bits: width, float: true }, rate };
  }
  if (bytes < 1 || bytes > 4 || width < 8) return `its samples have ${width} bits`;
  const valid = view.getUint16(0, true) === EXTENSIBLE ? view.getUint16(18, true) : width;
  const bits = valid >= 8 && valid <= width ? valid : width;
  const flaw = hasMagic(body, AMBISONIC_TAIL, 26) ? "it is a sound field or an impulse response" : undefined;
  return { format: { channels, bytes, bits, float: false }, rate, flaw };
}

/** The format tag, looked up in the sub-format where the chunk is extensible. */
function readTag(body: Uint8Array, view: DataView): number {
  const tag = view.getUint16(0, true);
  if (tag !== EXTENSIBLE || body.length < 40) return tag;
  return hasMagic(body, GUID_TAIL, 26) || hasMagic(body, AMBISONIC_TAIL, 26) ? view.getUint16(24, true) : tag;
}

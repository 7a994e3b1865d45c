/** MPEG audio frames (ISO/IEC 11172-3, 2.4.1.3 and 13818-3). */

/** kbit/s by row (MPEG-1 layers I to III, then MPEG-2 layer I, then layers II and III) and index. */
const BITRATES = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;

const RATES = [44100, 48000, 32000] as const;

export interface MpegFrame {
  /** 1 to 3. */
  readonly layer: number;
  /** In Hz. */
  readonly rate: number;
  readonly channels: 1 | 2;
  /** In kbit/s. */
  readonly bitrate: number;
  /** In bytes, the header included. */
  readonly length: number;
}

/** The frame header at `offset`, or null where there is none or its bitrate is free. */
export function readMpegFrame(bytes: Uint8Array, offset: number): MpegFrame | null {
  if (offset + 4 > bytes.length) return null;
  const [sync, second, third, fourth] = bytes.subarray(offset, offset + 4) as unknown as number[];
  const version = (second! >> 3) & 3;
  const layer = 4 - ((second! >> 1) & 3);
  const bitrateIndex = third! >> 4;
  const rateIndex = (third! >> 2) & 3;
  if (sync !== 0xff || second! < 0xe0 || version === 1 || layer === 4) return null;
  if (bitrateIndex === 0 || bitrateIndex === 15 || rateIndex === 3) return null;
  const first = version === 3;
  const row = first ? layer - 1 : layer === 1 ? 3 : 4;
  const bitrate = BITRATES[row]![bitrateIndex]!;
  const rate = RATES[rateIndex]! / (first ? 1 : version === 2 ? 2 : 4);
  const padding = (third! >> 1) & 1;
  const slots = layer === 1 ? 12 : layer === 3 && !first ? 72 : 144;
  const units = Math.floor((slots * bitrate * 1000) / rate) + padding;
  return { layer, rate, channels: fourth! >> 6 === 3 ? 1 : 2, bitrate, length: layer === 1 ? 4 * units : units };
}

const FRAMES_TO_BELIEVE = 3;
const SEARCH_BYTES = 4096;

/** Whether a run of frames begins near the start; a short file may hold fewer. */
export function startsWithMpegFrames(bytes: Uint8Array): boolean {
  for (let start = 0; start < Math.min(SEARCH_BYTES, bytes.length); start++) {
    if (bytes[start] === 0xff && frameRun(bytes, start)) return true;
    // Zero padding may precede the first frame; anything else is another kind of file.
    if (bytes[start] !== 0) return false;
  }
  return false;
}

function frameRun(bytes: Uint8Array, start: number): boolean {
  let at = start;
  for (let count = 0; count < FRAMES_TO_BELIEVE; count++) {
    const frame = readMpegFrame(bytes, at);
    if (!frame) return false;
    at += frame.length;
    if (at >= bytes.length) return count > 0 || at === bytes.length;
  }
  return true;
}

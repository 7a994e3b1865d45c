import { createHash, type Hash } from "node:crypto";
import type { Source } from "../../graph/source";
import { MAX_FLAC_BITS, readFlacFrame } from "../../graph/transforms/audio/flac-reader";
import { fromIntegers, type PcmFormat } from "../../graph/transforms/audio/pcm";
import { hasMagic, viewOf } from "../sniff";
import { id3Length } from "./id3";
import type { Recording, SampleReader } from "./recording";

/** One metadata block (RFC 9639, section 8). */
export interface MetadataBlock {
  readonly type: number;
  /** Of the block's content, after its four bytes of header. */
  readonly offset: number;
  readonly length: number;
}

/** A FLAC file that decodes without any oddity. */
export interface FlacStream extends Recording {
  readonly blocks: readonly MetadataBlock[];
  /** Of the first frame. */
  readonly framesOffset: number;
  /** After the last frame; what follows belongs to nobody. */
  framesEnd(): number;
}

export const STREAMINFO = 0;
export const SEEKTABLE = 3;
const STREAMINFO_BYTES = 34;
const MAX_BLOCKS = 1024;

/**
 * Reads the metadata. Frames are checked as they are decoded: their checksums, the number of samples and the MD5.
 * @returns the end of a sentence that says why not, in place of a stream
 */
export async function openFlac(source: Source): Promise<FlacStream | string> {
  const start = id3Length(await source.read(0, 10));
  if (!hasMagic(await source.read(start, 4), "fLaC")) return "the stream starts without a header";
  const blocks = await readBlocks(source, start + 4);
  const first = blocks[0];
  if (first?.type !== STREAMINFO || first.length < STREAMINFO_BYTES) return "the stream's header is damaged";
  const info = viewOf(await source.read(first.offset, STREAMINFO_BYTES));
  const packed = info.getUint32(10);
  const rate = packed >>> 12;
  const channels = ((packed >>> 9) & 7) + 1;
  const bits = ((packed >>> 4) & 31) + 1;
  const frames = (packed & 15) * 2 ** 32 + info.getUint32(14);
  const digest = Buffer.from(info.buffer, info.byteOffset + 18, 16).toString("hex");
  if (frames === 0 || rate === 0) return "the stream's header does not say how long it is";
  if (bits > MAX_FLAC_BITS || bits < 4) return `its samples have ${bits} bits`;
  const format = { channels, bytes: Math.ceil(bits / 8), bits, float: false };
  const last = blocks.at(-1)!;
  const framesOffset = last.offset + last.length;
  let end = 0;
  const open = (): SampleReader =>
    new FrameReader(source, framesOffset, { format, rate, frames, digest }, (at) => {
      end = at;
    });
  return { format, rate, frames, blocks, framesOffset, framesEnd: () => end, open };
}

async function readBlocks(source: Source, start: number): Promise<MetadataBlock[]> {
  const blocks: MetadataBlock[] = [];
  for (let at = start; blocks.length < MAX_BLOCKS; ) {
    const header = await source.read(at, 4);
    if (header.length < 4) return [];
    const length = viewOf(header).getUint32(0) & 0xffffff;
    blocks.push({ type: header[0]! & 0x7f, offset: at + 4, length });
    at += 4 + length;
    if (header[0]! & 0x80) return blocks;
  }
  return [];
}

/** The largest frame: 65535 samples of 8 channels of 24 bits, verbatim. */
const MAX_FRAME_BYTES = 2 << 20;
const WINDOW_BYTES = 8 << 20;

class FrameReader implements SampleReader {
  #window: Uint8Array = new Uint8Array(0);
  #windowStart: number;
  #at = 0;
  /** Decoded, not yet asked for. */
  #waiting: Uint8Array[] = [];
  #decoded = 0;
  readonly #hash: Hash = createHash("md5");

  constructor(
    private readonly source: Source,
    offset: number,
    private readonly stream: { format: PcmFormat; rate: number; frames: number; digest: string },
    private readonly onEnd: (offset: number) => void,
  ) {
    this.#windowStart = offset;
  }

  /** @throws RangeError where the stream is not what its header says */
  async read(count: number): Promise<Uint8Array> {
    const wanted = count * this.stream.format.channels * this.stream.format.bytes;
    let held = this.#waiting.reduce((sum, part) => sum + part.length, 0);
    while (held < wanted && this.#decoded < this.stream.frames) {
      const part = await this.#decodeFrame();
      this.#waiting.push(part);
      held += part.length;
    }
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [all.subarray(wanted)];
    return all.subarray(0, wanted);
  }

  async #decodeFrame(): Promise<Uint8Array> {
    const { format, rate, frames, digest } = this.stream;
    if (this.#window.length - this.#at < MAX_FRAME_BYTES) {
      this.#windowStart += this.#at;
      this.#window = await this.source.read(this.#windowStart, WINDOW_BYTES);
      this.#at = 0;
    }
    const frame = readFlacFrame(this.#window, this.#at, format.bits);
    this.#at = frame.end;
    this.#decoded += frame.blockSize;
    const changed = frame.planes.length !== format.channels || (frame.bits || format.bits) !== format.bits;
    if (changed || (frame.rate || rate) !== rate) throw new RangeError("its parameters change midway");
    if (this.#decoded > frames) throw new RangeError("it is longer than its header says");
    this.#hash.update(integersForDigest(frame.planes, format.bytes));
    if (this.#decoded === frames) {
      const found = this.#hash.digest("hex");
      if (digest !== found && !/^0*$/.test(digest)) throw new RangeError("its samples do not match their MD5");
      this.onEnd(this.#windowStart + this.#at);
    }
    return leftJustified(frame.planes, format);
  }
}

function leftJustified(planes: readonly Int32Array[], format: PcmFormat): Uint8Array {
  const unused = 8 * format.bytes - format.bits;
  if (unused > 0) for (const plane of planes) for (let i = 0; i < plane.length; i++) plane[i]! <<= unused;
  return fromIntegers(planes, format);
}

/** The form that the MD5 is made of: signed, little-endian, sign-extended to whole bytes (RFC 9639, 8.2). */
function integersForDigest(planes: readonly Int32Array[], bytes: number): Uint8Array {
  const pcm = fromIntegers(planes, { channels: planes.length, bytes, bits: 8 * bytes, float: false });
  if (bytes === 1) for (let i = 0; i < pcm.length; i++) pcm[i]! ^= 0x80;
  return pcm;
}

/** The same from rendered samples, whose significant bits are at the upper end. */
export function digestBytes(planes: readonly Int32Array[], format: PcmFormat): Uint8Array {
  const unused = 8 * format.bytes - format.bits;
  return integersForDigest(
    unused === 0 ? planes : planes.map((plane) => plane.map((v) => v >> unused)),
    format.bytes,
  );
}

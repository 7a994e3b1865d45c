import type { Source } from "../../graph/source";
import { decodeVorbis } from "../../kernels/vorbis";
import type { FileWriter } from "../file-writer";
import { hasMagic, viewOf } from "../sniff";
import { chunksOf } from "./copy";
import { checkOggStream, OggWriter, readOggPackets } from "./ogg";
import { type Reencoded, requireBelow } from "./outcome";
import { PacketEncoder } from "./packet-encoder";
import { type OpusPlan, opusPlan, unsuitable } from "./qualities";

/** Headers with several large pictures are longer; such files stay as they are. */
const MAX_HEADER_BYTES = 4 << 20;

/** Positions in an Ogg Opus stream count at this rate (RFC 7845, section 4). */
const GRANULE_RATE = 48000;

const PACKETS_PER_PAGE = 50;

/**
 * Ogg Vorbis to Ogg Opus (RFC 7845) with the same comments.
 * @param limit the largest size of the new file that is worth it
 * @throws RangeError why the file stays as it is
 */
export async function reencodeOgg(source: Source, file: FileWriter, limit: number): Promise<Reencoded> {
  const headers = readOggPackets(await source.read(0, MAX_HEADER_BYTES), 2);
  if (!headers || !hasMagic(headers[0]!, "\x01vorbis") || !hasMagic(headers[1]!, "\x03vorbis")) {
    throw new RangeError("it is no plain Ogg Vorbis stream");
  }
  const [identification, comments] = headers as [Uint8Array, Uint8Array];
  if (identification.length < 30) throw new RangeError("its Vorbis header is too short");
  const channels = identification[11]!;
  const rate = viewOf(identification).getUint32(12, true);
  const serial = viewOf(await source.read(14, 4)).getUint32(0, true);
  if (channels < 1 || channels > 2) throw new RangeError(`it has ${channels} channels`);
  const unfit = unsuitable({ channels, bytes: 4, bits: 32, float: true }, rate);
  if (unfit) throw new RangeError(unfit);
  const end = await checkOggStream(source);
  const writer = new OpusFileWriter(file, serial, channels, rate);
  try {
    writer.writeHeaders(comments.subarray(7));
    for await (const { planes, rate: found } of decodeVorbis(chunksOf(source, 0, source.size))) {
      if (planes.length === 0 || planes[0]!.length === 0) continue;
      if (planes.length !== channels || found !== rate) throw new RangeError("its parameters change midway");
      writer.append(planes);
      requireBelow(limit, file.size);
    }
    const samples = writer.finish();
    if (BigInt(samples) !== end) throw new RangeError("it decodes to another length than it states");
    requireBelow(limit, file.size);
    return { seconds: samples / rate };
  } finally {
    writer.close();
  }
}

class OpusFileWriter {
  readonly #ogg: OggWriter;
  readonly #encoder: PacketEncoder;
  readonly #plan: OpusPlan;
  /** In units of {@link GRANULE_RATE}. */
  readonly #preSkip: number;
  #samples = 0;
  #packets = 0;
  /** Kept back, because the last packet of all is written with the stream's end. */
  #pending: Uint8Array | undefined;

  constructor(
    file: FileWriter,
    serial: number,
    private readonly channels: number,
    private readonly rate: number,
  ) {
    this.#ogg = new OggWriter(serial, (page) => file.write(page));
    const each = Array.from({ length: channels }, (_, channel) => channel);
    this.#plan = opusPlan(rate, "low", each);
    this.#encoder = new PacketEncoder(rate, this.#plan);
    this.#preSkip = (this.#encoder.lookahead * GRANULE_RATE) / this.#plan.opusRate;
  }

  /** @param comments a Vorbis comment header without its magic, whose last byte is a framing bit */
  writeHeaders(comments: Uint8Array): void {
    const head = Buffer.alloc(19);
    head.write("OpusHead", 0, "latin1");
    head[8] = 1;
    head[9] = this.channels;
    head.writeUInt16LE(this.#preSkip, 10);
    head.writeUInt32LE(this.rate, 12);
    this.#ogg.write(head, 0n);
    this.#ogg.flush();
    this.#ogg.write(Buffer.concat([Buffer.from("OpusTags", "latin1"), comments.subarray(0, -1)]), 0n);
    this.#ogg.flush();
  }

  append(planes: readonly Float32Array[]): void {
    this.#samples += planes[0]!.length;
    this.#encoder.append(planes);
    this.#write(this.#encoder.available);
  }

  /** @returns how many samples of each channel the stream has */
  finish(): number {
    if (this.#samples === 0) throw new RangeError("it has no samples");
    this.#encoder.finish();
    const { opusRate, frameSize } = this.#plan;
    const length = Math.ceil((this.#samples * opusRate) / this.rate) + this.#encoder.lookahead;
    this.#write(Math.ceil(length / frameSize));
    const end = this.#preSkip + Math.round((this.#samples * GRANULE_RATE) / this.rate);
    this.#ogg.write(this.#pending!, BigInt(end));
    this.#ogg.flush(true);
    return this.#samples;
  }

  close(): void {
    this.#encoder.close();
  }

  #write(end: number): void {
    const granuleStep = (this.#plan.frameSize * GRANULE_RATE) / this.#plan.opusRate;
    while (this.#packets < end) {
      if (this.#pending) {
        this.#ogg.write(this.#pending, BigInt(this.#packets * granuleStep));
        if (this.#packets % PACKETS_PER_PAGE === 0) this.#ogg.flush();
      }
      this.#pending = this.#encoder.take(this.#packets, this.#packets + 1)[0]!;
      this.#packets++;
    }
  }
}

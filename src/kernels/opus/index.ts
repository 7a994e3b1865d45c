import { discardLibrary, type Library, library } from "./library";

/** The sampling rates that Opus codes at, in Hz (RFC 6716, section 2). */
export const OPUS_RATES = [8000, 12000, 16000, 24000, 48000] as const;

export type OpusRate = (typeof OPUS_RATES)[number];

export interface OpusSettings {
  readonly rate: OpusRate;
  readonly channels: 1 | 2;
  /** Bits per second, of all channels together. */
  readonly bitrate: number;
  /** Tuned for speech rather than for music. */
  readonly voice: boolean;
  /** Samples per channel in one packet. */
  readonly frameSize: number;
}

const APPLICATION_VOICE = 2048;
const APPLICATION_AUDIO = 2049;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
/** The slowest and best search. */
const COMPLEXITY = 10;
/** The largest frame of RFC 6716, three times for 60 ms, and the packet's own header. */
const MAX_PACKET_BYTES = 3 * 1275 + 7;
const FLOAT_BYTES = 4;

/** An Opus encoder. The same samples give the same packets on every machine. */
export class OpusEncoder {
  /** By how many samples the decoder's output lags behind the encoder's input. */
  readonly lookahead: number;
  readonly #opus: Library;
  readonly #encoder: number;
  readonly #samples: number;
  readonly #packet: number;

  constructor(readonly settings: OpusSettings) {
    const { rate, channels, bitrate, voice, frameSize } = settings;
    const opus = library();
    this.#opus = opus;
    this.#samples = opus.allocate(frameSize * channels * FLOAT_BYTES);
    this.#packet = opus.allocate(MAX_PACKET_BYTES);
    this.#encoder = opus.createEncoder(rate, channels, voice ? APPLICATION_VOICE : APPLICATION_AUDIO, this.#packet);
    if (this.#encoder === 0) throw new Error("libopus cannot make an encoder");
    opus.control(this.#encoder, SET_BITRATE, bitrate);
    opus.control(this.#encoder, SET_COMPLEXITY, COMPLEXITY);
    this.lookahead = opus.lookahead(this.#encoder);
  }

  /** Encodes one frame of interleaved samples, full scale ±1. */
  encode(frame: Float32Array): Uint8Array {
    const { frameSize, channels } = this.settings;
    this.#opus.floats(this.#samples, frameSize * channels).set(frame);
    const bytes = this.#opus.encodeFloat(this.#encoder, this.#samples, frameSize, this.#packet, MAX_PACKET_BYTES);
    if (bytes < 0) throw new Error(`libopus cannot encode a frame (${bytes})`);
    return this.#opus.bytes(this.#packet, bytes).slice();
  }

  close(): void {
    this.#opus.destroyEncoder(this.#encoder);
    this.#opus.release(this.#samples);
    this.#opus.release(this.#packet);
  }
}

/**
 * Decodes consecutive packets of one stream with a fresh decoder.
 * @returns interleaved samples, full scale ±1: `frameSize * channels` for each packet
 * @throws Error for a packet that is not Opus or lasts longer or shorter
 */
export function decodeOpus(
  packets: readonly Uint8Array[],
  { rate, channels, frameSize }: Pick<OpusSettings, "rate" | "channels" | "frameSize">,
): Float32Array {
  const opus = library();
  const longest = packets.reduce((length, packet) => Math.max(length, packet.length), 1);
  const packetAddress = opus.allocate(longest);
  const samplesAddress = opus.allocate(frameSize * channels * FLOAT_BYTES);
  const decoder = opus.createDecoder(rate, channels, samplesAddress);
  const output = new Float32Array(packets.length * frameSize * channels);
  try {
    for (const [index, packet] of packets.entries()) {
      opus.bytes(packetAddress, packet.length).set(packet);
      const count = opus.decodeFloat(decoder, packetAddress, packet.length, samplesAddress, frameSize, 0);
      // An empty packet would make the decoder conceal a loss instead of reading anything.
      if (packet.length === 0 || count !== frameSize) throw new Error(`Opus packet ${index} cannot be decoded`);
      output.set(opus.floats(samplesAddress, frameSize * channels), index * frameSize * channels);
    }
  } catch (error) {
    // After a trap its memory may be in disorder, so whatever else was allocated goes with it.
    discardLibrary();
    throw error;
  }
  opus.destroyDecoder(decoder);
  opus.release(packetAddress);
  opus.release(samplesAddress);
  return output;
}

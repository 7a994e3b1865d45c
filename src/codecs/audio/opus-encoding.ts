import { toUnit } from "../../graph/transforms/audio/pcm";
import { Resampler } from "../../graph/transforms/audio/resampler";
import { type OpusRendering, packetLengths } from "../../graph/transforms/opus-pcm";
import { OpusEncoder } from "../../kernels/opus";
import type { OpusPlan } from "./qualities";
import { type Recording, segmentsOf } from "./recording";

/** A stretch of a recording, the packets that it is rendered from, and how. */
export interface EncodedSegment {
  readonly rendering: OpusRendering;
  readonly lengths: Uint8Array;
  readonly packets: Uint8Array;
  /** The original samples. */
  readonly pcm: Uint8Array;
}

/** What a decoder is given before the first sample that counts (RFC 7845, section 4.6). */
const RUN_IN_SECONDS = 0.08;

/**
 * Encodes a recording as one run of packets per stream and cuts it into segments that decode on their own: each has
 * the packets of its run-in and of the filter's reach beyond its end, too.
 */
export async function* encodeOpus(recording: Recording, plan: OpusPlan): AsyncGenerator<EncodedSegment> {
  const { opusRate, frameSize } = plan;
  const encoder = new PacketEncoder(recording, plan);
  const back = new Resampler(opusRate, recording.rate);
  const runIn = Math.ceil((RUN_IN_SECONDS * opusRate) / frameSize);
  try {
    let ahead: { first: number; count: number; pcm: Uint8Array } | undefined;
    for await (const next of segmentsOf(recording)) {
      encoder.append(next.pcm);
      if (ahead) yield* emit(ahead);
      ahead = next;
    }
    if (ahead) yield* emit(ahead);
  } finally {
    encoder.close();
  }

  function* emit({
    first,
    count,
    pcm,
  }: {
    first: number;
    count: number;
    pcm: Uint8Array;
  }): Generator<EncodedSegment> {
    const { lookahead } = encoder;
    const from = Math.max(0, back.positionOf(first) - back.reach + lookahead);
    const to = back.positionOf(first + count - 1) + back.reach + lookahead;
    const firstPacket = Math.max(0, Math.floor(from / frameSize) - runIn);
    const packets = encoder.take(firstPacket, Math.floor(to / frameSize) + 1);
    yield {
      rendering: {
        format: recording.format,
        rate: recording.rate,
        opusRate,
        frameSize,
        lookahead,
        first,
        count,
        firstPacket,
        packets: packets.length / plan.streams.length,
        streams: plan.streams,
        channelMap: plan.channelMap,
      },
      lengths: packetLengths(packets),
      packets: Buffer.concat(packets),
      pcm,
    };
  }
}

/** Turns a growing recording into packets; holds only what the next packets and segments need. */
class PacketEncoder {
  readonly lookahead: number;
  readonly #encoders: readonly OpusEncoder[];
  readonly #resampler: Resampler;
  /** The coded channels' samples from the position `#heldFrom` on. */
  #held: Float32Array[];
  #heldFrom = 0;
  /** The packets of all streams, position by position, from `#packetsFrom` on. */
  #packets: Uint8Array[] = [];
  #packetsFrom = 0;

  constructor(
    private readonly recording: Recording,
    private readonly plan: OpusPlan,
  ) {
    const { opusRate: rate, frameSize, voice, bitrate, streams } = plan;
    this.#encoders = streams.map(
      (channels) => new OpusEncoder({ rate, channels, frameSize, voice, bitrate: bitrate * channels }),
    );
    this.#resampler = new Resampler(recording.rate, rate);
    this.#held = plan.codedFrom.map(() => new Float32Array(0));
    this.lookahead = this.#encoders[0]!.lookahead;
  }

  append(pcm: Uint8Array): void {
    const planes = toUnit(pcm, this.recording.format);
    const keep = this.#resampler.positionOf(this.#nextPacket * this.plan.frameSize) - this.#resampler.reach;
    const drop = Math.max(0, keep - this.#heldFrom);
    this.#held = this.#held.map((held, channel) => {
      const added = planes[this.plan.codedFrom[channel]!]!;
      const joined = new Float32Array(Math.max(0, held.length - drop) + added.length);
      joined.set(held.subarray(drop));
      joined.set(added, joined.length - added.length);
      return joined;
    });
    this.#heldFrom += drop;
  }

  /** The packets of positions `[first, end)`; those before `first` are forgotten. */
  take(first: number, end: number): Uint8Array[] {
    const streams = this.plan.streams.length;
    while (this.#nextPacket < end) this.#encodeNext();
    this.#packets.splice(0, (first - this.#packetsFrom) * streams);
    this.#packetsFrom = first;
    return this.#packets.slice(0, (end - first) * streams);
  }

  close(): void {
    for (const encoder of this.#encoders) encoder.close();
  }

  get #nextPacket(): number {
    return this.#packetsFrom + this.#packets.length / this.plan.streams.length;
  }

  #encodeNext(): void {
    const { frameSize } = this.plan;
    const from = this.#nextPacket * frameSize;
    const needed = this.#resampler.positionOf(from + frameSize) + this.#resampler.reach;
    const heldTo = this.#heldFrom + this.#held[0]!.length;
    // After the recording's end silence follows; anywhere else it would be an error.
    if (needed > heldTo && heldTo < this.recording.frames) throw new Error("samples are missing");
    const planes = this.#held.map((held) => this.#resampler.resample(held, this.#heldFrom, from, frameSize));
    let channel = 0;
    for (const encoder of this.#encoders) {
      const { channels } = encoder.settings;
      const frame = new Float32Array(frameSize * channels);
      for (let own = 0; own < channels; own++, channel++) {
        const plane = planes[channel]!;
        for (let i = 0; i < frameSize; i++) frame[i * channels + own] = plane[i]!;
      }
      this.#packets.push(encoder.encode(frame));
    }
  }
}

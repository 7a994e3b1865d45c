import { Resampler } from "../../graph/transforms/audio/resampler";
import { OpusEncoder } from "../../kernels/opus";
import type { OpusPlan } from "./qualities";

/** Turns a growing recording into Opus packets; holds only what the next packets need. */
export class PacketEncoder {
  /** The codec's delay in samples at the Opus rate. */
  readonly lookahead: number;
  readonly #encoders: readonly OpusEncoder[];
  readonly #resampler: Resampler;
  /** The coded channels' samples from the position `#heldFrom` on. */
  #held: Float32Array[];
  #heldFrom = 0;
  #finished = false;
  /** The packets of all streams, position by position, from `#packetsFrom` on. */
  #packets: Uint8Array[] = [];
  #packetsFrom = 0;

  /** @param rate of the recording in Hz */
  constructor(
    rate: number,
    private readonly plan: OpusPlan,
  ) {
    const { opusRate, frameSize, voice, bitrate, streams } = plan;
    this.#encoders = streams.map(
      (channels) => new OpusEncoder({ rate: opusRate, channels, frameSize, voice, bitrate: bitrate * channels }),
    );
    this.#resampler = new Resampler(rate, opusRate);
    this.#held = plan.codedFrom.map(() => new Float32Array(0));
    this.lookahead = this.#encoders[0]!.lookahead;
  }

  /** The recording goes on. @param planes samples of each of its channels, full scale ±1 */
  append(planes: readonly Float32Array[]): void {
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

  /** The recording is over: from now on silence follows. */
  finish(): void {
    this.#finished = true;
  }

  /** How many packets the samples so far suffice for, from the first one on; all once it is finished. */
  get available(): number {
    if (this.#finished) return Infinity;
    let end = this.#nextPacket;
    while (this.#neededFor(end) <= this.#heldTo) end++;
    return end;
  }

  /**
   * The packets of positions `[first, end)`, for each position those of all streams; those before `first` are
   * forgotten.
   */
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

  get #heldTo(): number {
    return this.#heldFrom + this.#held[0]!.length;
  }

  /** The end of the samples that a packet depends on. */
  #neededFor(packet: number): number {
    return this.#resampler.positionOf((packet + 1) * this.plan.frameSize) + this.#resampler.reach;
  }

  #encodeNext(): void {
    const { frameSize } = this.plan;
    if (!this.#finished && this.#neededFor(this.#nextPacket) > this.#heldTo) throw new Error("samples are missing");
    const from = this.#nextPacket * frameSize;
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

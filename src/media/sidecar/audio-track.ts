import {
  AudioFIFO,
  ChannelLayout,
  CodecContext,
  constants,
  Dictionary,
  Encoder,
  Frame,
  type OutputFormatContext,
  Packet,
  Rational,
  Resampler,
  type Stream,
} from "bare-ffmpeg";
import { COPIED_SOUND } from "../sound";
import { Clock, NO_TIMESTAMP } from "./clock";

const OPUS_RATE = 48_000;
const OPUS_BITS_PER_CHANNEL = 64_000;
const FIFO_SAMPLES = 1 << 16;
/** Front left and right; what mixes of more than two channels without a known layout are folded into. */
const MONO = 0x4;
const STEREO = 0x3;

export interface AudioTrack {
  readonly source: Stream;
  readonly clock: Clock;
  attach(output: OutputFormatContext): void;
  /** Takes one packet of the source stream; null after the last. */
  push(packet: Packet | null, output: OutputFormatContext): void;
}

/** The track for a stream: copied where MP4 allows it and `copy` is true, else encoded as Opus. */
export function audioTrack(source: Stream, copy: boolean): AudioTrack {
  return copy && COPIED_SOUND.has(source.codec.name) ? new CopiedAudio(source) : new OpusAudio(source);
}

class CopiedAudio implements AudioTrack {
  readonly clock: Clock;
  private out: Stream | null = null;

  constructor(readonly source: Stream) {
    this.clock = new Clock(source.timeBase);
  }

  attach(output: OutputFormatContext): void {
    this.out = output.createStream();
    this.out.timeBase = this.source.timeBase;
    const context = this.source.decoder();
    this.out.codecParameters.fromContext(context);
    context.destroy();
    // The tag belongs to the source's container.
    this.out.codecParameters.tag = 0;
  }

  push(packet: Packet | null, output: OutputFormatContext): void {
    if (!packet) return;
    this.clock.shift(packet);
    packet.streamIndex = this.out!.index;
    packet.rescaleTimestamps(this.source.timeBase, this.out!.timeBase);
    output.writeFrame(packet);
  }
}

/** Decodes, resamples to 48 kHz and encodes as Opus; more than two channels are folded into stereo. */
class OpusAudio implements AudioTrack {
  readonly clock: Clock;
  private readonly decoder: CodecContext;
  private readonly encoder: CodecContext;
  private readonly layout: ChannelLayout;
  private readonly fifo: AudioFIFO;
  private readonly decoded = new Frame();
  private readonly packet = new Packet();
  private readonly timeBase = new Rational(1, OPUS_RATE);
  private resampler: { run: Resampler; rate: number; format: number; channels: number } | null = null;
  private out: Stream | null = null;
  private next: number | null = null;

  constructor(readonly source: Stream) {
    this.clock = new Clock(source.timeBase);
    this.decoder = source.decoder();
    this.decoder.timeBase = source.timeBase;
    this.decoder.open();
    const channels = Math.min(2, Math.max(1, source.codecParameters.channelLayout.nbChannels));
    this.layout = ChannelLayout.from(channels === 1 ? MONO : STEREO);
    this.encoder = new CodecContext(new Encoder("libopus"));
    this.encoder.sampleRate = OPUS_RATE;
    this.encoder.sampleFormat = constants.sampleFormats.FLT;
    this.encoder.channelLayout = this.layout;
    this.encoder.timeBase = this.timeBase;
    this.encoder.flags |= constants.codecFlags.GLOBAL_HEADER;
    this.encoder.open(Dictionary.from({ b: OPUS_BITS_PER_CHANNEL * channels }));
    this.fifo = new AudioFIFO(constants.sampleFormats.FLT, channels, FIFO_SAMPLES);
  }

  attach(output: OutputFormatContext): void {
    this.out = output.createStream();
    this.out.timeBase = this.timeBase;
    this.out.codecParameters.fromContext(this.encoder);
  }

  push(packet: Packet | null, output: OutputFormatContext): void {
    if (packet) this.clock.shift(packet);
    // A damaged packet is a short silence, not the end.
    try {
      this.decoder.sendPacket(packet ?? new Packet());
    } catch {
      return;
    }
    while (this.receive()) this.resample();
    if (packet === null && this.resampler) {
      const tail = this.frame(OPUS_RATE);
      if (this.resampler.run.flush(tail) > 0) this.fifo.write(tail);
      tail.destroy();
    }
    const size = this.encoder.frameSize;
    while (this.fifo.size >= size) this.encode(size, output);
    if (packet === null) {
      if (this.fifo.size > 0) this.encode(this.fifo.size, output);
      this.encoder.sendFrame(null);
      this.drain(output);
    }
  }

  private receive(): boolean {
    try {
      return this.decoder.receiveFrame(this.decoded);
    } catch {
      return false;
    }
  }

  /** An empty frame in the encoder's format. */
  private frame(samples: number): Frame {
    const frame = new Frame();
    frame.format = constants.sampleFormats.FLT;
    frame.channelLayout = this.layout;
    frame.sampleRate = OPUS_RATE;
    frame.nbSamples = samples;
    frame.alloc();
    return frame;
  }

  private resample(): void {
    const { sampleRate, format, nbSamples, channelLayout, pts } = this.decoded;
    if (this.next === null) {
      this.next = pts === NO_TIMESTAMP ? 0 : Rational.rescaleQ(pts, this.source.timeBase, this.timeBase);
    }
    const current = this.resampler;
    const channels = channelLayout.nbChannels;
    if (current?.rate !== sampleRate || current.format !== format || current.channels !== channels) {
      current?.run.destroy();
      const from = channelLayout.mask === 0 ? (channels === 1 ? MONO : STEREO) : channelLayout;
      const run = new Resampler(sampleRate, from, format, OPUS_RATE, this.layout, constants.sampleFormats.FLT);
      this.resampler = { run, rate: sampleRate, format, channels };
    }
    const out = this.frame(Math.ceil((nbSamples * OPUS_RATE) / sampleRate) + 256);
    const samples = this.resampler!.run.convert(this.decoded, out);
    if (samples > 0) {
      out.nbSamples = samples;
      this.fifo.write(out);
    }
    out.destroy();
  }

  private encode(samples: number, output: OutputFormatContext): void {
    const frame = this.frame(samples);
    this.fifo.read(frame, samples);
    frame.pts = this.next ?? 0;
    this.next = frame.pts + samples;
    this.encoder.sendFrame(frame);
    frame.destroy();
    this.drain(output);
  }

  private drain(output: OutputFormatContext): void {
    while (this.encoder.receivePacket(this.packet)) {
      this.packet.streamIndex = this.out!.index;
      this.packet.rescaleTimestamps(this.timeBase, this.out!.timeBase);
      output.writeFrame(this.packet);
      this.packet.unref();
    }
  }
}

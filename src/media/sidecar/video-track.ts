import {
  CodecContext,
  constants,
  Dictionary,
  Encoder,
  Filter,
  FilterContext,
  FilterGraph,
  FilterInOut,
  Frame,
  type OutputFormatContext,
  Packet,
  Rational,
  Scaler,
  type Stream,
} from "bare-ffmpeg";
import { Clock, NO_TIMESTAMP } from "./clock";
import { type Orientation, orientationOf } from "./orientation";

/** SVT-AV1 refuses anything smaller, and odd sizes. */
const MIN_SIZE = 64;
/** A cover picture claims 90,000 frames a second; SVT-AV1 refuses more than 240. */
const MAX_RATE = 240;
const DEFAULT_RATE = new Rational(25, 1);
const KEYFRAME_SECONDS = 10;

export interface VideoSettings {
  readonly crf: number;
  readonly preset: number;
  readonly threads: number;
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly format: number;
}

function displayMatrix(stream: Stream): Int32Array | null {
  const data = stream.sideData.find(({ type }) => type === constants.packetSideDataType.DISPLAYMATRIX)?.data;
  return data && data.byteLength >= 36 ? new Int32Array(data.slice().buffer) : null;
}

function evenSize(size: number): number {
  return Math.max(MIN_SIZE, size - (size % 2));
}

function isDeep(pixelFormat: string): boolean {
  return /(9|10|12|14|16|32)(le|be)$|^p01\d|^[xy]2\d\d|64(le|be)$/.test(pixelFormat);
}

/** The options that carry the meaning of the colours (ITU-T H.273 code points) into the encoder. */
function colorOptions(stream: Stream): Record<string, string> {
  const { colorSpace, colorPrimaries, colorTRC } = stream.codecParameters;
  return {
    color_primaries: String(colorPrimaries),
    color_trc: String(colorTRC),
    // The identity matrix of RGB has no meaning once the picture is YUV: BT.601 is what the conversion uses.
    colorspace: String(colorSpace === 0 ? 6 : colorSpace),
    color_range: "tv",
  };
}

/** Decodes one video stream and encodes it as AV1, upright, with even sides and studio range. */
export class VideoTrack {
  frames = 0;
  readonly clock: Clock;
  private readonly decoder: CodecContext;
  private readonly encoder: CodecContext;
  private readonly orientation: Orientation;
  private readonly decoded = new Frame();
  private readonly filtered = new Frame();
  private readonly packet = new Packet();
  private readonly width: number;
  private readonly height: number;
  private readonly pixelFormat: string;
  private readonly target: number;
  private readonly rate: Rational;
  private readonly timeBase: Rational;
  private graph: { run: FilterGraph; from: FilterContext; to: FilterContext; shape: Shape; fresh: Scaler } | null =
    null;
  private out: Stream | null = null;
  private lastPts = Number.NEGATIVE_INFINITY;
  /** Times of frames in the encoder, and where the source's last frame ends: a frame lasts until the next. */
  private readonly times: number[] = [];
  private end = Number.NEGATIVE_INFINITY;

  constructor(
    readonly source: Stream,
    settings: VideoSettings,
  ) {
    const { codecParameters } = source;
    this.orientation = orientationOf(displayMatrix(source));
    const [width, height] = [evenSize(codecParameters.width), evenSize(codecParameters.height)];
    [this.width, this.height] = this.orientation.turned ? [height, width] : [width, height];
    this.pixelFormat = isDeep(constants.getPixelFormatName(codecParameters.format)) ? "yuv420p10le" : "yuv420p";
    this.target = pixelFormatNumber(this.pixelFormat);
    this.timeBase = source.timeBase;
    this.clock = new Clock(source.timeBase);
    const rate = source.avgFramerate;
    this.rate = rate.toNumber() > 0 && rate.toNumber() <= MAX_RATE ? rate : DEFAULT_RATE;

    this.decoder = source.decoder();
    this.decoder.timeBase = source.timeBase;
    this.decoder.open(Dictionary.from({ threads: settings.threads }));
    this.encoder = this.openEncoder(settings);
  }

  private openEncoder({ crf, preset, threads }: VideoSettings): CodecContext {
    const encoder = new CodecContext(new Encoder("libsvtav1"));
    encoder.width = this.width;
    encoder.height = this.height;
    encoder.pixelFormat = this.target;
    encoder.timeBase = this.timeBase;
    encoder.frameRate = this.rate;
    encoder.gopSize = Math.max(1, Math.round(this.rate.toNumber() * KEYFRAME_SECONDS));
    encoder.flags |= constants.codecFlags.GLOBAL_HEADER;
    for (const [name, value] of Object.entries(colorOptions(this.source))) encoder.setOption(name, value);
    encoder.open(Dictionary.from({ crf, preset, "svtav1-params": `lp=${threads}` }));
    return encoder;
  }

  /** Adds the track to the output; before the header is written. */
  attach(output: OutputFormatContext): void {
    this.out = output.createStream();
    this.out.timeBase = this.timeBase;
    this.out.codecParameters.fromContext(this.encoder);
    const aspect = this.source.codecParameters.sampleAspectRatio;
    if (aspect.numerator > 0 && aspect.denominator > 0) {
      this.out.codecParameters.sampleAspectRatio = this.orientation.turned
        ? new Rational(aspect.denominator, aspect.numerator)
        : aspect;
    }
  }

  /** Takes one packet of the source stream; null after the last. */
  push(packet: Packet | null, output: OutputFormatContext): void {
    if (packet) this.clock.shift(packet);
    if (packet && packet.pts !== NO_TIMESTAMP) this.end = Math.max(this.end, packet.pts + packet.duration);
    // A damaged packet costs its own frames only, as in every player.
    try {
      this.decoder.sendPacket(packet ?? new Packet());
    } catch {
      return;
    }
    while (this.receive()) {
      this.encode(output);
    }
    if (packet === null) {
      this.encoder.sendFrame(null);
      this.drain(output);
    }
  }

  /** One frame at the stream's usual rate, in its time base. */
  private get step(): number {
    return Math.max(1, Math.round(1 / (this.rate.toNumber() * this.timeBase.toNumber())));
  }

  /** Position of the last frame in seconds, for progress. */
  get seconds(): number {
    return this.frames > 0 ? this.lastPts * this.timeBase.toNumber() : 0;
  }

  private receive(): boolean {
    try {
      return this.decoder.receiveFrame(this.decoded);
    } catch {
      return false;
    }
  }

  private encode(output: OutputFormatContext): void {
    const pts = this.timestamp();
    const { run, from, to, fresh } = this.graphFor(this.decoded);
    if (run.pushFrame(from, this.decoded) < 0 || run.pullFrame(to, this.filtered) < 0) return;
    // A fresh frame forgets the picture type of the source, which would force a key frame wherever it had one.
    const frame = new Frame();
    frame.width = this.width;
    frame.height = this.height;
    frame.format = this.filtered.format;
    frame.alloc();
    fresh.scale(this.filtered, frame);
    frame.pts = pts;
    this.times.push(pts);
    this.encoder.sendFrame(frame);
    frame.destroy();
    this.frames++;
    this.drain(output);
  }

  /** The frame's time, made to rise: files with broken or missing timestamps exist. */
  private timestamp(): number {
    const known = [this.decoded.pts, this.decoded.packetDTS].find((value) => value !== NO_TIMESTAMP);
    const next = this.frames === 0 ? 0 : this.lastPts + this.step;
    const pts = known ?? next;
    this.lastPts = this.frames > 0 && pts <= this.lastPts ? this.lastPts + 1 : pts;
    return this.lastPts;
  }

  /** Streams may change size or pixel format midway; the output keeps what it began with. */
  private graphFor(frame: Frame) {
    const { width, height, format } = frame;
    const shape = this.graph?.shape;
    if (this.graph && shape?.width === width && shape.height === height && shape.format === format)
      return this.graph;
    this.graph?.run.destroy();
    this.graph?.fresh.destroy();
    const run = new FilterGraph();
    const from = new FilterContext();
    const to = new FilterContext();
    const { numerator, denominator } = this.timeBase;
    const name = constants.getPixelFormatName(format);
    const range = name.startsWith("yuvj") || this.source.codecParameters.colorRange === constants.colorRange.JPEG;
    run.createFilter(
      from,
      new Filter("buffer"),
      "in",
      `video_size=${width}x${height}:pix_fmt=${format}:time_base=${numerator}/${denominator}`,
    );
    run.createFilter(to, new Filter("buffersink"), "out");
    const steps = [
      ...this.orientation.filters,
      `scale=${this.width}:${this.height}:flags=bicubic:in_range=${range ? "full" : "tv"}:out_range=tv`,
      `format=${this.pixelFormat}`,
    ];
    run.parse(steps.join(","), pad("out", to), pad("in", from));
    run.configure();
    const fresh = new Scaler(this.target, this.width, this.height, this.target, this.width, this.height);
    this.graph = { run, from, to, shape: { width, height, format }, fresh };
    return this.graph;
  }

  private duration(pts: number): number {
    while (this.times.length > 0 && this.times[0]! <= pts) this.times.shift();
    const next = this.times[0] ?? this.end;
    return next > pts ? next - pts : this.step;
  }

  private drain(output: OutputFormatContext): void {
    const out = this.out!;
    while (this.encoder.receivePacket(this.packet)) {
      this.packet.streamIndex = out.index;
      this.packet.duration = this.duration(this.packet.pts);
      this.packet.rescaleTimestamps(this.timeBase, out.timeBase);
      output.writeFrame(this.packet);
      this.packet.unref();
    }
  }
}

function pad(name: string, filterContext: FilterContext): FilterInOut {
  const end = new FilterInOut();
  end.name = name;
  end.filterContext = filterContext;
  end.padIdx = 0;
  return end;
}

/** The binding has no lookup by name, but the encoder lists what it takes. */
function pixelFormatNumber(name: string): number {
  const context = new CodecContext(new Encoder("libsvtav1"));
  const formats = context.getSupportedConfig(constants.codecConfig.PIX_FORMAT) ?? [];
  context.destroy();
  const format = Array.from(formats).find((number) => constants.getPixelFormatName(number) === name);
  if (format === undefined) throw new Error(`the AV1 encoder does not take ${name}`);
  return format;
}

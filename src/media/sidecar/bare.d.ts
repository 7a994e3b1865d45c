/** The parts of the Bare runtime and of its FFmpeg binding that the sidecar uses; neither package has types. */

declare const Bare: { readonly argv: readonly string[]; exit(code: number): never };

declare module "bare-fs" {
  export function openSync(path: string, flags: string): number;
  export function closeSync(fd: number): void;
  export function fstatSync(fd: number): { size: number };
  export function readSync(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
  export function writeSync(fd: number, data: Uint8Array, offset: number, length: number, position: number): number;
}

declare module "bare-ffmpeg" {
  export class Rational {
    constructor(numerator: number, denominator: number);
    readonly numerator: number;
    readonly denominator: number;
    toNumber(): number;
    static rescaleQ(value: number, from: Rational, to: Rational): number;
  }
  export class Dictionary {
    static from(entries: Record<string, string | number>): Dictionary;
    destroy(): void;
  }
  export class ChannelLayout {
    readonly nbChannels: number;
    readonly mask: number;
    static from(value: ChannelLayout | number): ChannelLayout;
  }
  export class SideData {
    readonly type: number;
    readonly data: Uint8Array;
  }
  export class CodecParameters {
    readonly type: number;
    readonly id: number;
    readonly format: number;
    readonly width: number;
    readonly height: number;
    readonly sampleRate: number;
    readonly bitRate: number;
    readonly colorSpace: number;
    readonly colorPrimaries: number;
    readonly colorTRC: number;
    readonly colorRange: number;
    readonly channelLayout: ChannelLayout;
    sampleAspectRatio: Rational;
    extraData: Uint8Array;
    tag: number;
    fromContext(context: CodecContext): void;
    toContext(context: CodecContext): void;
    static alloc(): CodecParameters;
  }
  export class Decoder {
    constructor(name: string);
  }
  export class Encoder {
    constructor(name: string);
  }
  export class CodecContext {
    constructor(codec: Decoder | Encoder);
    width: number;
    height: number;
    pixelFormat: number;
    timeBase: Rational;
    frameRate: Rational;
    sampleRate: number;
    sampleFormat: number;
    channelLayout: ChannelLayout;
    gopSize: number;
    flags: number;
    readonly frameSize: number;
    getSupportedConfig(config: number): Int32Array | null;
    open(options?: Dictionary): void;
    setOption(name: string, value: string): void;
    sendPacket(packet: Packet): boolean;
    receivePacket(packet: Packet): boolean;
    sendFrame(frame: Frame | null): boolean;
    receiveFrame(frame: Frame): boolean;
    destroy(): void;
  }
  export class Stream {
    readonly index: number;
    readonly codec: { readonly name: string };
    readonly codecParameters: CodecParameters;
    readonly sideData: readonly SideData[];
    readonly avgFramerate: Rational;
    timeBase: Rational;
    readonly duration: number;
    decoder(): CodecContext;
  }
  export class Packet {
    constructor();
    streamIndex: number;
    pts: number;
    dts: number;
    duration: number;
    timeBase: Rational;
    rescaleTimestamps(from: Rational, to: Rational): void;
    unref(): void;
  }
  export class Frame {
    constructor();
    width: number;
    height: number;
    format: number;
    pts: number;
    readonly packetDTS: number;
    nbSamples: number;
    sampleRate: number;
    channelLayout: ChannelLayout;
    alloc(): void;
    unref(): void;
    destroy(): void;
  }
  export interface IOCallbacks {
    onread?(buffer: Uint8Array, length: number): number;
    onwrite?(buffer: Uint8Array): void;
    onseek?(offset: number, whence: number): number;
  }
  export class IOContext {
    constructor(bufferBytes: number, callbacks: IOCallbacks);
  }
  export class InputFormatContext {
    constructor(io: IOContext);
    readonly streams: readonly Stream[];
    /** Microseconds. */
    readonly duration: number;
    getBestStreamIndex(type: number): number;
    readFrame(packet: Packet): boolean;
    destroy(): void;
  }
  export class OutputFormatContext {
    constructor(format: string, io: IOContext);
    createStream(): Stream;
    writeHeader(options?: Dictionary): void;
    writeFrame(packet: Packet): void;
    writeTrailer(): void;
    destroy(): void;
  }
  export class Filter {
    constructor(name: string);
  }
  export class FilterContext {
    constructor();
  }
  export class FilterInOut {
    constructor();
    name: string;
    filterContext: FilterContext;
    padIdx: number;
  }
  export class FilterGraph {
    constructor();
    createFilter(context: FilterContext, filter: Filter, name: string, args?: string): void;
    parse(description: string, inputs: FilterInOut, outputs: FilterInOut): void;
    configure(): void;
    pushFrame(context: FilterContext, frame: Frame): number;
    pullFrame(context: FilterContext, frame: Frame): number;
    destroy(): void;
  }
  export class Scaler {
    constructor(
      fromFormat: number,
      fromWidth: number,
      fromHeight: number,
      toFormat: number,
      toWidth: number,
      toHeight: number,
    );
    scale(source: Frame, target: Frame): void;
    destroy(): void;
  }
  export class Resampler {
    constructor(
      fromRate: number,
      fromLayout: ChannelLayout | number,
      fromFormat: number,
      toRate: number,
      toLayout: ChannelLayout | number,
      toFormat: number,
    );
    convert(from: Frame, to: Frame): number;
    flush(to: Frame): number;
    destroy(): void;
  }
  export class AudioFIFO {
    constructor(format: number, channels: number, samples: number);
    readonly size: number;
    write(frame: Frame): number;
    read(frame: Frame, samples: number): number;
    destroy(): void;
  }
  export const constants: {
    readonly mediaTypes: { readonly VIDEO: number; readonly AUDIO: number };
    readonly packetSideDataType: { readonly DISPLAYMATRIX: number };
    readonly sampleFormats: { readonly FLT: number };
    readonly codecFlags: { readonly GLOBAL_HEADER: number };
    readonly seek: { readonly SIZE: number; readonly CUR: number; readonly END: number; readonly FORCE: number };
    readonly colorRange: { readonly JPEG: number };
    readonly codecConfig: { readonly PIX_FORMAT: number };
    getPixelFormatName(format: number): string;
  };
}

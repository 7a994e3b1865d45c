import { decodeOpus, OPUS_RATES, type OpusRate } from "../../kernels/opus";
import { ByteReader, ByteWriter } from "../bytes";
import { frameBytes, fromUnit, MAX_CHANNELS, type PcmFormat, readPcmFormat, writePcmFormat } from "./audio/pcm";
import { Resampler } from "./audio/resampler";
import type { Transform } from "./transform";

/** Which samples of a file are rendered from which Opus packets, and how. */
export interface OpusRendering {
  readonly format: PcmFormat;
  /** The file's sampling rate in Hz. */
  readonly rate: number;
  readonly opusRate: OpusRate;
  /** Samples per channel in a packet, at the Opus rate. */
  readonly frameSize: number;
  /** The codec's delay, in samples at the Opus rate. */
  readonly lookahead: number;
  /** The position in the file of the first rendered sample, and how many follow (of each channel). */
  readonly first: number;
  readonly count: number;
  /** The position in each stream of the first packet given, and how many are given of each stream. */
  readonly firstPacket: number;
  readonly packets: number;
  /** One for a mono stream, two for a stereo stream. */
  readonly streams: readonly (1 | 2)[];
  /** For each channel of the file the coded channel that it gets. */
  readonly channelMap: readonly number[];
}

/** Bounds the memory of a rendering. */
export const MAX_RENDERED_SAMPLES = 1 << 23;

/** The seconds that packets may cover beyond what is rendered: decoder run-in, filter and rounding to packets. */
const MAX_EXCESS_SECONDS = 2;

/** Parameters of the transform `opus-pcm`. */
export function opusPcmParams(rendering: OpusRendering): Uint8Array {
  const writer = new ByteWriter();
  writePcmFormat(writer, rendering.format);
  writer.varint(rendering.rate).byte(OPUS_RATES.indexOf(rendering.opusRate));
  writer.varint(rendering.frameSize).varint(rendering.lookahead);
  writer.varint(rendering.first).varint(rendering.count);
  writer.varint(rendering.firstPacket).varint(rendering.packets);
  writer.byte(rendering.streams.length).raw(Uint8Array.from(rendering.streams));
  return writer.raw(Uint8Array.from(rendering.channelMap)).finish();
}

function readParams(params: Uint8Array): OpusRendering {
  const reader = new ByteReader(params, "opus-pcm parameters");
  const format = readPcmFormat(reader);
  const rate = reader.varint(1 << 20);
  const opusRate = OPUS_RATES[reader.byte()];
  const frameSize = reader.varint(5760);
  const lookahead = reader.varint(5760);
  const first = reader.varint(2 ** 40);
  const count = reader.varint(MAX_RENDERED_SAMPLES / format.channels);
  const firstPacket = reader.varint(2 ** 40);
  const packets = reader.varint(1 << 24);
  const streams = [...reader.take(reader.byte())];
  const channelMap = [...reader.take(format.channels)];
  reader.end();
  if (rate === 0 || opusRate === undefined || frameSize === 0) throw reader.damaged("an impossible rate");
  if (packets * frameSize > (count / rate + MAX_EXCESS_SECONDS) * opusRate)
    throw reader.damaged("too many packets");
  const coded = streams.reduce((sum, channels) => sum + channels, 0);
  const known = streams.every((channels) => channels === 1 || channels === 2) && channelMap.every((c) => c < coded);
  if (!known || coded > MAX_CHANNELS) throw reader.damaged("impossible streams");
  return {
    format,
    rate,
    opusRate,
    frameSize,
    lookahead,
    first,
    count,
    firstPacket,
    packets,
    streams: streams as (1 | 2)[],
    channelMap,
  };
}

/** The lengths of packets as the transform's first input: all low bytes, then all high bytes. */
export function packetLengths(packets: readonly Uint8Array[]): Uint8Array {
  const lengths = new Uint8Array(2 * packets.length);
  for (const [index, packet] of packets.entries()) {
    lengths[index] = packet.length;
    lengths[packets.length + index] = packet.length >> 8;
  }
  return lengths;
}

/**
 * Opus packets to samples in bytes. The inputs are the packets' lengths ({@link packetLengths}) and the packets, for
 * each packet position those of all streams.
 */
export const opusPcm: Transform = {
  id: 10,
  version: 1,
  name: "opus-pcm",
  outputLength(inputLengths, params) {
    const { format, count, packets, streams } = readParams(params);
    if (inputLengths.length !== 2 || inputLengths[0] !== 2 * packets * streams.length) {
      throw new Error(`${packets} packets of ${streams.length} streams need as many lengths`);
    }
    return count * frameBytes(format);
  },
  apply([lengths, bytes], params) {
    const rendering = readParams(params);
    const coded = decodeStreams(rendering, splitPackets(lengths!, bytes!));
    const { rate, opusRate, frameSize, lookahead, first, count, firstPacket } = rendering;
    const resampler = new Resampler(opusRate, rate);
    const start = firstPacket * frameSize - lookahead;
    const rendered = coded.map((plane) => resampler.resample(plane, start, first, count));
    return fromUnit(
      rendering.channelMap.map((channel) => rendered[channel]!),
      rendering.format,
    );
  },
};

function splitPackets(lengths: Uint8Array, bytes: Uint8Array): Uint8Array[] {
  const count = lengths.length / 2;
  let at = 0;
  const packets = Array.from({ length: count }, (_, index) => {
    const length = lengths[index]! | (lengths[count + index]! << 8);
    at += length;
    return bytes.subarray(at - length, at);
  });
  if (at !== bytes.length) throw new Error(`packets of ${at} bytes in ${bytes.length}`);
  return packets;
}

/** One array of samples per coded channel. */
function decodeStreams(rendering: OpusRendering, packets: readonly Uint8Array[]): Float32Array[] {
  const { opusRate, frameSize, streams } = rendering;
  return streams.flatMap((channels, stream) => {
    const own = packets.filter((_, index) => index % streams.length === stream);
    const interleaved = decodeOpus(own, { rate: opusRate, channels, frameSize });
    return Array.from({ length: channels }, (_, channel) => {
      const plane = new Float32Array(interleaved.length / channels);
      for (let i = 0; i < plane.length; i++) plane[i] = interleaved[i * channels + channel]!;
      return plane;
    });
  });
}

import type { PcmFormat } from "../../graph/transforms/audio/pcm";
import { MAX_PHASES } from "../../graph/transforms/audio/resampler";
import { OPUS_RATES, type OpusRate } from "../../kernels/opus";

export type Quality = "lossless" | "high" | "medium" | "low";
export type LossyQuality = Exclude<Quality, "lossless">;

/**
 * Bits per second of one channel, by the sampling rate that Opus codes at: a fixed rate would make telephone
 * recordings larger than lossless compression does.
 */
const BITRATES: Record<LossyQuality, Record<OpusRate, number>> = {
  high: { 8000: 28_000, 12000: 32_000, 16000: 40_000, 24000: 56_000, 48000: 80_000 },
  medium: { 8000: 16_000, 12000: 20_000, 16000: 24_000, 24000: 32_000, 48000: 48_000 },
  low: { 8000: 10_000, 12000: 12_000, 16000: 14_000, 24000: 16_000, 48000: 20_000 },
};

/** Long packets save headers, at some cost in quality. */
const PACKET_MILLISECONDS: Record<LossyQuality, number> = { high: 20, medium: 20, low: 60 };

/** How a recording is coded by Opus. */
export interface OpusPlan {
  readonly opusRate: OpusRate;
  /** Samples per channel in a packet, at the Opus rate. */
  readonly frameSize: number;
  readonly voice: boolean;
  /** Of one channel. */
  readonly bitrate: number;
  readonly streams: readonly (1 | 2)[];
  /** The file's channel that each coded channel is taken from. */
  readonly codedFrom: readonly number[];
  /** For each channel of the file the coded channel that it gets. */
  readonly channelMap: readonly number[];
}

/** The lowest Opus rate that loses nothing of what `rate` can hold. */
export function opusRateFor(rate: number): OpusRate {
  return OPUS_RATES.find((candidate) => candidate >= rate) ?? 48000;
}

/** Why a recording of these parameters stays exact, as the end of a sentence; undefined where Opus suits it. */
export function unsuitable(format: PcmFormat, rate: number): string | undefined {
  if (rate < OPUS_RATES[0]) return `its sampling rate of ${rate} Hz is below Opus's lowest`;
  const opusRate = opusRateFor(rate);
  const divisor = greatestCommonDivisor(rate, opusRate);
  if (Math.max(rate, opusRate) / divisor > MAX_PHASES) return `its sampling rate of ${rate} Hz is unusual`;
  if (format.channels > MAPPINGS.length) return `it has ${format.channels} channels`;
  return undefined;
}

/** @param sameAs for each channel the first channel that has the very same samples */
export function opusPlan(rate: number, quality: LossyQuality, sameAs: readonly number[]): OpusPlan {
  const opusRate = opusRateFor(rate);
  const codedFrom = [...new Set(sameAs)];
  return {
    opusRate,
    frameSize: (opusRate / 1000) * PACKET_MILLISECONDS[quality],
    voice: quality === "low" && opusRate < 48000,
    bitrate: BITRATES[quality][opusRate],
    streams: MAPPINGS[codedFrom.length - 1]!,
    codedFrom,
    channelMap: sameAs.map((channel) => codedFrom.indexOf(channel)),
  };
}

/** Which channels go together, by their number: front and surround pairs in WAVE's and FLAC's usual order. */
const MAPPINGS: readonly (readonly (1 | 2)[])[] = [
  [1],
  [2],
  [2, 1],
  [2, 2],
  [2, 1, 2],
  [2, 1, 1, 2],
  [2, 1, 1, 1, 2],
  [2, 1, 1, 2, 2],
];

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

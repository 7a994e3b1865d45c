import { toUnit } from "../../graph/transforms/audio/pcm";
import { Resampler } from "../../graph/transforms/audio/resampler";
import { type OpusRendering, packetLengths } from "../../graph/transforms/opus-pcm";
import { PacketEncoder } from "./packet-encoder";
import type { OpusPlan } from "./qualities";
import { type Recording, type Stretch, segmentsOf } from "./recording";

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
  const encoder = new PacketEncoder(recording.rate, plan);
  const back = new Resampler(opusRate, recording.rate);
  const runIn = Math.ceil((RUN_IN_SECONDS * opusRate) / frameSize);
  try {
    let ahead: Stretch | undefined;
    for await (const next of segmentsOf(recording)) {
      encoder.append(toUnit(next.pcm, recording.format));
      if (next.first + next.count === recording.frames) encoder.finish();
      if (ahead) yield* emit(ahead);
      ahead = next;
    }
    if (ahead) yield* emit(ahead);
  } finally {
    encoder.close();
  }

  function* emit({ first, count, pcm }: Stretch): Generator<EncodedSegment> {
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

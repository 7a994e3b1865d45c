import { general, generalSegments, type Level, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { writeFlacFrames } from "../../graph/transforms/audio/flac-writer";
import { type PcmFormat, toIntegers } from "../../graph/transforms/audio/pcm";
import { flacPcmParams } from "../../graph/transforms/flac-pcm";
import { plainRecording, type Recording, segmentsOf } from "./recording";
import { readWave } from "./riff";

/** Orders of linear prediction to try: what more of them gain is small for most music. */
const ORDERS: Record<Level, readonly number[]> = { fast: [8], balanced: [4, 8, 12], max: [8, 12, 20, 32] };

/** Whether FLAC has the format. */
function isPredictable(format: PcmFormat): boolean {
  return !format.float && format.bytes <= 3;
}

function toFlac(pcm: Uint8Array, { format, rate }: Pick<Recording, "format" | "rate">, level: Level): Uint8Array {
  return writeFlacFrames(toIntegers(pcm, format), { rate, bits: 8 * format.bytes, orders: ORDERS[level] }, 0);
}

/** About how many bytes samples take without loss; a quick estimate, since it is rarely close. */
export function exactBytes(pcm: Uint8Array, recording: Pick<Recording, "format" | "rate">): number {
  const coded = isPredictable(recording.format) ? toFlac(pcm, recording, "fast") : Bun.zstdCompressSync(pcm);
  return Math.min(pcm.length, coded.length);
}

/** Plans a WAVE file: its samples by linear prediction, everything around them by the general model. */
export async function* planWave(source: Source, level: Level): AsyncGenerator<Segment> {
  const layout = await readWave(source);
  if (typeof layout === "string" || !isPredictable(layout.format)) {
    yield* generalSegments(0, source.size);
    return;
  }
  yield* generalSegments(0, layout.offset);
  let planned = layout.offset;
  for await (const { count, pcm } of segmentsOf(plainRecording(source, layout))) {
    yield { length: pcm.length, root: predicted(pcm, count, layout, level) };
    planned += pcm.length;
  }
  yield* generalSegments(planned, source.size - planned);
}

function predicted(
  pcm: Uint8Array,
  count: number,
  recording: Pick<Recording, "format" | "rate">,
  level: Level,
): PlanNode {
  const frames = toFlac(pcm, recording, level);
  if (frames.length >= pcm.length) return general(pcm);
  const params = flacPcmParams(recording.format, count);
  return { kind: "transform", transform: "flac-pcm", params, inputs: [general(frames.slice())] };
}

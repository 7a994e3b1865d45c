import { general, generalSegments, type PlanNode, type Segment } from "../../graph/plan";
import { FileSource, type Source } from "../../graph/source";
import { toUnit } from "../../graph/transforms/audio/pcm";
import { opusPcm, opusPcmParams } from "../../graph/transforms/opus-pcm";
import type { CodecRequest, Prepared, Scratch } from "../codec";
import { FileWriter } from "../file-writer";
import { type Container, openContainer } from "./container";
import { copyBytes } from "./copy";
import { exactBytes } from "./lossless";
import { encodeOpus } from "./opus-encoding";
import { exact, round } from "./outcome";
import { type LossyQuality, type OpusPlan, opusPlan, unsuitable } from "./qualities";
import { survey } from "./survey";

/** What `plan` needs of the packets that `prepare` made. */
export interface LossyCarry {
  /** A file of the pieces' packets: for each piece their lengths, then the packets. */
  readonly packets: string;
  readonly headBytes: number;
  readonly pieces: readonly LossyPiece[];
}

interface LossyPiece {
  /** In the prepared file. */
  readonly bytes: number;
  readonly opusParams: Uint8Array;
  readonly flacParams?: Uint8Array;
  readonly lengthsBytes: number;
  readonly packetsBytes: number;
}

/** Short floating-point recordings are impulse responses and the like: measurements, not something to listen to. */
const MIN_FLOAT_SECONDS = 10;

/** Floating-point samples may go a little beyond full scale; much beyond it they are no sound in this sense. */
const MAX_PEAK = 2;

/** Replaces the samples of a WAVE or FLAC file by what Opus makes of them, where that is smaller and fits. */
export async function prepareLossy(source: Source, request: CodecRequest, scratch: Scratch): Promise<Prepared> {
  const container = await openContainer(source, request.format);
  if (typeof container === "string") return exact(container);
  const { recording } = container;
  const { format, rate, frames } = recording;
  const unfit = unsuitable(format, rate);
  if (unfit) return exact(unfit);
  if (frames === 0) return exact("it has no samples");
  if (format.float && frames < MIN_FLOAT_SECONDS * rate) {
    return exact(`floating-point samples of less than ${MIN_FLOAT_SECONDS} seconds are taken for a measurement`);
  }
  try {
    let smallest = 0;
    const { peak, sameAs } = await survey(recording, (pcm) => {
      if (request.format !== "flac") smallest += exactBytes(pcm, recording);
    });
    if (peak > MAX_PEAK) return exact("its samples go far beyond full scale");
    if (request.format === "flac") smallest = container.samplesEnd() - container.headBytes;
    const plan = opusPlan(rate, request.params.quality as LossyQuality, sameAs);
    return await rewrite(source, container, plan, smallest, scratch);
  } catch (error) {
    if (error instanceof RangeError) return exact(error.message);
    throw error;
  }
}

async function rewrite(
  source: Source,
  container: Container,
  plan: OpusPlan,
  limit: number,
  scratch: Scratch,
): Promise<Prepared> {
  const { recording, headBytes } = container;
  const path = scratch.path();
  const packets = scratch.path();
  const file = new FileWriter(path);
  const leaves = new FileWriter(packets);
  const pieces: LossyPiece[] = [];
  const ratio = new NoiseRatio();
  try {
    await copyBytes(source, 0, headBytes, file);
    for await (const segment of encodeOpus(recording, plan)) {
      const opusParams = opusPcmParams(segment.rendering);
      const inputs = [segment.lengths, segment.packets];
      const pcm = opusPcm.apply(inputs, opusParams, segment.pcm.length);
      ratio.add(toUnit(segment.pcm, recording.format), toUnit(pcm, recording.format));
      const { bytes, flacParams } = container.wrap(pcm, segment.rendering.first);
      file.write(bytes);
      for (const input of inputs) leaves.write(input);
      const [lengthsBytes, packetsBytes] = [segment.lengths.length, segment.packets.length];
      pieces.push({ bytes: bytes.length, opusParams, flacParams, lengthsBytes, packetsBytes });
      if (leaves.size >= limit) return exact("lossless compression makes it smaller than Opus does");
    }
    await copyBytes(source, container.samplesEnd(), source.size, file);
    container.patchHead(file);
  } finally {
    file.finish();
    leaves.finish();
  }
  const seconds = recording.frames / recording.rate;
  const report = {
    reason: `stored as Opus at ${plan.opusRate} Hz`,
    stored_kbps: round((leaves.size * 8) / 1000 / seconds),
    ...ratio.report(),
  };
  const carry: LossyCarry = { packets, headBytes, pieces };
  return { path, lossless: false, report, carry };
}

/** Plans a file that {@link prepareLossy} wrote. */
export function* planLossy(source: Source, { packets, headBytes, pieces }: LossyCarry): Generator<Segment> {
  const leaves = new FileSource(packets);
  try {
    yield* generalSegments(0, headBytes);
    let planned = headBytes;
    let at = 0;
    for (const piece of pieces) {
      const lengths = leaves.readNow(at, piece.lengthsBytes);
      const bytes = leaves.readNow(at + piece.lengthsBytes, piece.packetsBytes);
      at += piece.lengthsBytes + piece.packetsBytes;
      const inputs = [general(lengths), general(bytes)];
      const rendered: PlanNode = { kind: "transform", transform: "opus-pcm", params: piece.opusParams, inputs };
      const { flacParams: params } = piece;
      const root: PlanNode = params
        ? { kind: "transform", transform: "flac-frames", params, inputs: [rendered] }
        : rendered;
      yield { length: piece.bytes, root };
      planned += piece.bytes;
    }
    yield* generalSegments(planned, source.size - planned);
  } finally {
    leaves.close();
  }
}

/** The ratio of signal to noise over all samples of all channels. */
class NoiseRatio {
  #signal = 0;
  #noise = 0;

  add(original: readonly Float32Array[], rendered: readonly Float32Array[]): void {
    for (const [channel, plane] of original.entries()) {
      const other = rendered[channel]!;
      for (let i = 0; i < plane.length; i++) {
        const value = plane[i]!;
        const error = value - other[i]!;
        this.#signal += value * value;
        this.#noise += error * error;
      }
    }
  }

  /** In decibels; nothing where either is silence. */
  report(): { snr_db?: number } {
    if (this.#signal === 0 || this.#noise === 0) return {};
    return { snr_db: round(10 * Math.log10(this.#signal / this.#noise)) };
  }
}

import type { Source } from "../../graph/source";
import { FLAC_BLOCK } from "../../graph/transforms/audio/flac-writer";
import { frameBytes, type PcmFormat } from "../../graph/transforms/audio/pcm";

/** Samples with their parameters, read from the front to the back. */
export interface Recording {
  readonly format: PcmFormat;
  /** In Hz. */
  readonly rate: number;
  /** Samples of each channel. */
  readonly frames: number;
  /** From the first sample again. */
  open(): SampleReader;
}

export interface SampleReader {
  /** The next `count` samples of each channel as bytes of the format; fewer only at the end. */
  read(count: number): Promise<Uint8Array>;
}

/** A recording whose samples lie in the source as they are. */
export function plainRecording(
  source: Source,
  { format, rate, frames, offset }: { format: PcmFormat; rate: number; frames: number; offset: number },
): Recording {
  const stride = frameBytes(format);
  const open = (): SampleReader => {
    let done = 0;
    return {
      read(count) {
        const wanted = Math.min(count, frames - done);
        done += wanted;
        return source.read(offset + (done - wanted) * stride, wanted * stride);
      },
    };
  };
  return { format, rate, frames, open };
}

const SEGMENT_SECONDS = 20;

/** Of all channels together: bounds the memory of one segment's job to some dozen megabytes. */
const SEGMENT_SAMPLES = 1 << 22;

/** How many samples of each channel one segment has: whole FLAC blocks of about {@link SEGMENT_SECONDS}. */
export function segmentFrames({ format, rate }: Pick<Recording, "format" | "rate">): number {
  const wanted = Math.min(SEGMENT_SECONDS * rate, SEGMENT_SAMPLES / format.channels);
  return Math.max(1, Math.floor(wanted / FLAC_BLOCK)) * FLAC_BLOCK;
}

/** Consecutive samples of a recording. */
export interface Stretch {
  /** The position in the recording of the first one. */
  readonly first: number;
  readonly count: number;
  readonly pcm: Uint8Array;
}

/** A recording in the stretches that become segments. @throws RangeError where it cannot be read */
export async function* segmentsOf(recording: Recording): AsyncGenerator<Stretch> {
  const reader = recording.open();
  const step = segmentFrames(recording);
  for (let first = 0; first < recording.frames; first += step) {
    const count = Math.min(step, recording.frames - first);
    const pcm = await reader.read(count);
    if (pcm.length !== count * frameBytes(recording.format)) throw new RangeError("the samples end early");
    yield { first, count, pcm };
  }
}

import { toUnit } from "../../graph/transforms/audio/pcm";
import { type Recording, segmentsOf } from "./recording";

/** What one pass over a recording tells about it. */
export interface Survey {
  /** The largest magnitude, full scale 1; Infinity where a sample is no finite number. */
  readonly peak: number;
  /** For each channel the first channel that has the very same samples: itself, mostly. */
  readonly sameAs: readonly number[];
}

/**
 * Reads a recording to its end.
 * @param onSegment sees each segment's samples
 * @throws RangeError where it cannot be read
 */
export async function survey(recording: Recording, onSegment: (pcm: Uint8Array) => void): Promise<Survey> {
  const { channels } = recording.format;
  const different = new Set<number>();
  let peak = 0;
  for await (const { pcm } of segmentsOf(recording)) {
    const planes = toUnit(pcm, recording.format);
    peak = Math.max(peak, ...planes.map(peakOf));
    for (let later = 1; later < channels; later++) {
      for (let earlier = 0; earlier < later; earlier++) {
        const pair = later * channels + earlier;
        if (!different.has(pair) && !equal(planes[later]!, planes[earlier]!)) different.add(pair);
      }
    }
    onSegment(pcm);
  }
  const sameAs = Array.from({ length: channels }, (_, later) => {
    for (let earlier = 0; earlier < later; earlier++)
      if (!different.has(later * channels + earlier)) return earlier;
    return later;
  });
  return { peak, sameAs };
}

function peakOf(plane: Float32Array): number {
  let peak = 0;
  for (let i = 0; i < plane.length; i++) {
    const magnitude = Math.abs(plane[i]!);
    if (magnitude > peak) peak = magnitude;
    else if (Number.isNaN(magnitude)) return Infinity;
  }
  return peak;
}

function equal(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

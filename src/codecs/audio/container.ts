import type { Source } from "../../graph/source";
import { frameBytes } from "../../graph/transforms/audio/pcm";
import type { FileWriter } from "../file-writer";
import { FlacContainer } from "./flac-container";
import { openFlac } from "./flac-stream";
import { plainRecording, type Recording } from "./recording";
import { readWave } from "./riff";

/** A file as a recording and what surrounds it: how other samples take the place of its own. */
export interface Container {
  readonly recording: Recording;
  /** Bytes before the samples. */
  readonly headBytes: number;
  /** Where the samples' coded form ends; known once the recording was read to its end. */
  samplesEnd(): number;
  /**
   * The form that samples have in the file.
   * @param first the position in the recording of the first sample
   * @returns `flacParams` where the form is FLAC: those of the transform `flac-frames`, which makes it
   */
  wrap(pcm: Uint8Array, first: number): { bytes: Uint8Array; flacParams?: Uint8Array };
  /** Corrects the head of the new file, once all samples are written. */
  patchHead(writer: FileWriter): void;
}

/** @returns the end of a sentence that says why the file's samples must stay as they are, in place of a container */
export async function openContainer(source: Source, format: string): Promise<Container | string> {
  if (format === "flac") {
    const stream = await openFlac(source);
    return typeof stream === "string" ? stream : FlacContainer.open(source, stream);
  }
  const layout = await readWave(source);
  if (typeof layout === "string") return layout;
  if (layout.flaw) return layout.flaw;
  return {
    recording: plainRecording(source, layout),
    headBytes: layout.offset,
    samplesEnd: () => layout.offset + layout.frames * frameBytes(layout.format),
    wrap: (bytes) => ({ bytes }),
    patchHead: () => {},
  };
}

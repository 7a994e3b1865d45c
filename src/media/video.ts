import { open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "../errors";
import type { ChildLimits } from "./child";
import { CONTAINER_PROBE_BYTES, containerOf } from "./container";
import { writeFaststart } from "./faststart";
import { FfmpegEngine } from "./ffmpeg";
import { Queue } from "./queue";
import { SidecarEngine } from "./sidecar/engine";
import { hasSidecar } from "./sidecar/install";
import type { Attempt, VideoEngine } from "./video-engine";

/** An hour of encoding; 2160p takes some 2.5 GB. */
const LIMITS: ChildLimits = { seconds: 3600, bytes: 4 * 2 ** 30 };
/** The encoder uses every core by itself. */
const queue = new Queue(1, 16);

/** Visually close to camera footage at a third of its size. */
const CRF = 35;
/** For sources that are tightly compressed already. */
const HIGHER_CRF = 45;

export interface VideoSettings {
  /** Where the built-in engine is unpacked, once; must allow execution. */
  readonly cacheDirectory: string;
  /** An FFmpeg to use instead of the built-in engine; empty for none. */
  readonly ffmpeg: string;
}

export interface VideoOptions {
  readonly signal?: AbortSignal;
  /** 0 to 1, never falling. */
  onProgress?(fraction: number): void;
  readonly settings?: VideoSettings;
}

function defaultSettings(): VideoSettings {
  const { SMALLEST_DATA, SMALLEST_FFMPEG, XDG_CACHE_HOME, HOME } = process.env;
  const home = XDG_CACHE_HOME ?? (HOME && join(HOME, ".cache")) ?? tmpdir();
  return {
    cacheDirectory: SMALLEST_DATA ? join(SMALLEST_DATA, "cache") : join(home, "smallest"),
    ffmpeg: SMALLEST_FFMPEG ?? "",
  };
}

/** The engines of this installation, best first. */
async function* engines({ cacheDirectory, ffmpeg }: VideoSettings): AsyncGenerator<VideoEngine> {
  const chosen = ffmpeg ? await FfmpegEngine.find(ffmpeg, LIMITS) : null;
  if (chosen) yield chosen;
  if (await hasSidecar()) yield new SidecarEngine(cacheDirectory, LIMITS);
  const found = chosen ? null : await FfmpegEngine.find("ffmpeg", LIMITS);
  if (found) yield found;
}

/** The name of the engine that videos go to first; null when there is none. */
export async function videoEngineName(settings = defaultSettings()): Promise<string | null> {
  const { value } = await engines(settings).next();
  return value?.name ?? null;
}

/**
 * Encodes any video as AV1 in MP4 that begins to play at once, its sound kept. The result is nearly always smaller
 * than the input; a source that is compressed too tightly for that is encoded a second time at a higher rate factor.
 *
 * Runs in a child process. `outputPath` exists only when this resolves.
 * @returns the size of the result in bytes
 * @throws Refusal `not_video`, `engine_unavailable`, `too_large` (over an hour or over 4 GiB of memory), `busy`,
 *   `aborted`
 */
export async function compressVideo(
  inputPath: string,
  outputPath: string,
  options: VideoOptions = {},
): Promise<{ bytes: number }> {
  containerOf(await head(inputPath));
  return queue.run(async () => {
    const scratch = `${outputPath}.encoding`;
    const second = `${outputPath}.again`;
    try {
      const { size } = await stat(inputPath);
      const run = await firstThatWorks(inputPath, scratch, options);
      let best = scratch;
      if ((await stat(scratch)).size >= size) {
        await run(second, HIGHER_CRF);
        if ((await stat(second)).size < (await stat(scratch)).size) best = second;
      }
      const bytes = await writeFaststart(best, outputPath);
      options.onProgress?.(1);
      return { bytes };
    } catch (error) {
      await rm(outputPath, { force: true });
      throw error;
    } finally {
      await rm(scratch, { force: true });
      await rm(second, { force: true });
    }
  }, options.signal);
}

type Run = (output: string, crf: number) => Promise<boolean>;

/** Tries each engine, with the sound as it is and then anew; resolves to the way that worked. */
async function firstThatWorks(input: string, output: string, options: VideoOptions): Promise<Run> {
  let tried = false;
  for await (const engine of engines(options.settings ?? defaultSettings())) {
    for (const copyAudio of [true, false]) {
      tried = true;
      const run: Run = (to, crf) => engine.encode(input, to, { crf, copyAudio, ...rising(options) });
      if (await run(output, CRF)) return run;
    }
  }
  if (!tried) {
    throw new Refusal(
      "engine_unavailable",
      "No video engine here: install FFmpeg with SVT-AV1 or set SMALLEST_FFMPEG.",
    );
  }
  throw new Refusal(
    "not_video",
    "The video could not be decoded: it is damaged or of a kind that is not supported.",
  );
}

/** A further attempt starts over; what is shown does not go back. */
function rising({ signal, onProgress }: VideoOptions): Pick<Attempt, "signal" | "onProgress"> {
  let highest = 0;
  return {
    signal,
    onProgress(fraction) {
      if (fraction > highest) onProgress?.((highest = fraction));
    },
  };
}

async function head(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CONTAINER_PROBE_BYTES), 0, CONTAINER_PROBE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

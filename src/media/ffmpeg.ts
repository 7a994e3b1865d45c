import { type ChildLimits, runChild } from "./child";
import { COPIED_SOUND } from "./sound";
import type { Attempt, VideoEngine } from "./video-engine";

type Encoder = "libsvtav1" | "libaom-av1";

const ENCODER_OPTIONS: Record<Encoder, readonly string[]> = {
  libsvtav1: ["-preset", "8"],
  "libaom-av1": ["-cpu-used", "6", "-b:v", "0", "-row-mt", "1"],
};
const PROBE_LIMITS: ChildLimits = { seconds: 10, bytes: 512 << 20 };

interface Description {
  readonly seconds: number;
  readonly pixelFormat: string;
  /** Codecs of the sound tracks. */
  readonly sound: readonly string[];
}

interface Parameters {
  readonly crf: number;
  readonly copyAudio: boolean;
  readonly pixelFormat: string;
}

/** An FFmpeg of the system, as a second choice. */
export class FfmpegEngine implements VideoEngine {
  readonly name: string;

  private constructor(
    private readonly program: string,
    private readonly encoder: Encoder,
    private readonly limits: ChildLimits,
  ) {
    this.name = `${program} with ${encoder}`;
  }

  /** Null when the program cannot be run or has no AV1 encoder. */
  static async find(program: string, limits: ChildLimits): Promise<FfmpegEngine | null> {
    let listing = "";
    const onLine = (line: string) => {
      listing += `${line}\n`;
    };
    const probe = runChild([program, "-hide_banner", "-encoders"], { limits: PROBE_LIMITS, onLine });
    if ((await probe.catch(() => null))?.code !== 0) return null;
    const encoder = (["libsvtav1", "libaom-av1"] as const).find((name) => listing.includes(` ${name} `));
    return encoder ? new FfmpegEngine(program, encoder, limits) : null;
  }

  async encode(input: string, output: string, { crf, copyAudio, signal, onProgress }: Attempt): Promise<boolean> {
    const { seconds, pixelFormat, sound } = await this.describe(input, signal);
    // A header that cannot be written leaves some versions of SVT-AV1 hanging, so what is copied must be sure.
    const copied = copyAudio && sound.every((codec) => COPIED_SOUND.has(codec));
    const parameters = this.parameters(input, output, { crf, copyAudio: copied, pixelFormat });
    const { code } = await runChild([this.program, ...parameters], {
      limits: this.limits,
      signal,
      onLine(line) {
        const done = /^out_time_us=(\d+)$/.exec(line)?.[1];
        if (done && seconds > 0) onProgress?.(Math.min(0.99, Number(done) / 1e6 / seconds));
      },
    });
    return code === 0;
  }

  private parameters(input: string, output: string, { crf, copyAudio, pixelFormat }: Parameters): string[] {
    return [
      ...["-nostdin", "-hide_banner", "-v", "error", "-y", "-progress", "pipe:1"],
      // A file may name others; it gets none.
      ...["-protocol_whitelist", "file,pipe", "-i", input],
      ...["-map", "0:V:0", "-map", "0:a?", "-dn", "-sn", "-map_metadata", "0"],
      ...["-c:v", this.encoder, "-crf", String(crf), ...ENCODER_OPTIONS[this.encoder]],
      ...["-vf", "scale=max(64\\,trunc(iw/2)*2):max(64\\,trunc(ih/2)*2):out_range=tv", "-pix_fmt", pixelFormat],
      ...(copyAudio ? ["-c:a", "copy"] : ["-c:a", "libopus", "-ac", "2"]),
      ...["-f", "mp4", output],
    ];
  }

  /** What FFmpeg tells on standard error when it is asked to do nothing; 0 seconds when unknown. */
  private async describe(input: string, signal?: AbortSignal): Promise<Description> {
    const command = [this.program, "-nostdin", "-hide_banner", "-protocol_whitelist", "file", "-i", input];
    const { complaint } = await runChild(command, { limits: PROBE_LIMITS, signal });
    const [, hours, minutes, seconds] = /Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(complaint) ?? [];
    return {
      seconds: Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0),
      pixelFormat: /Video: .*(p1[0-6](le|be)|p010)/.test(complaint) ? "yuv420p10le" : "yuv420p",
      sound: Array.from(complaint.matchAll(/Audio: (\w+)/g), ([, codec]) => codec!),
    };
  }
}

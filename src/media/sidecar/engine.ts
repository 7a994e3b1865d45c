import { availableParallelism } from "node:os";
import { Refusal } from "../../errors";
import { type ChildLimits, runChild } from "../child";
import type { Attempt, VideoEngine } from "../video-engine";
import { installSidecar } from "./install";
import type { SidecarMessage, SidecarSettings } from "./protocol";

const PRESET = 8;

/** The built-in engine: FFmpeg with SVT-AV1 under the Bare runtime. */
export class SidecarEngine implements VideoEngine {
  readonly name = "built-in FFmpeg with SVT-AV1";

  constructor(
    private readonly cacheDirectory: string,
    private readonly limits: ChildLimits,
  ) {}

  async encode(input: string, output: string, attempt: Attempt): Promise<boolean> {
    const sidecar = await installSidecar(this.cacheDirectory);
    if (!sidecar) throw new Refusal("engine_unavailable", "This build has no video engine of its own.");
    const settings: SidecarSettings = {
      crf: attempt.crf,
      preset: PRESET,
      threads: Math.max(1, availableParallelism()),
      copyAudio: attempt.copyAudio,
    };
    let last: SidecarMessage | null = null;
    await runChild([sidecar.runtime, sidecar.script, input, output, JSON.stringify(settings)], {
      limits: this.limits,
      signal: attempt.signal,
      onLine(line) {
        last = parse(line) ?? last;
        if (last?.kind === "progress") attempt.onProgress?.(last.fraction);
      },
    });
    return conclude(last);
  }
}

function parse(line: string): SidecarMessage | null {
  return line.startsWith('{"kind":') ? JSON.parse(line) : null;
}

/** Whether the file is done; false when the engine failed or died. */
function conclude(last: SidecarMessage | null): boolean {
  if (last?.kind === "not_video") {
    throw new Refusal("not_video", "The file holds no video that can be decoded.");
  }
  return last?.kind === "done";
}

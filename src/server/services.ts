import type { Vault } from "../vault/vault";
import type { Progress } from "./progress";

export interface MediaOptions {
  readonly signal: AbortSignal;
}

/** The engines of `/api/compress`; each writes its result to `output`. */
export interface MediaEngines {
  compressImage(input: string, output: string, options: MediaOptions): Promise<{ bytes: number }>;
  compressVideo(
    input: string,
    output: string,
    options: MediaOptions & { onProgress?(progress: number): void },
  ): Promise<{ bytes: number }>;
}

export interface Limits {
  /** Bytes of one upload. */
  readonly uploadBytes: number;
  /** Bytes of one image or video. */
  readonly mediaBytes: number;
  /** Milliseconds without a byte after which an upload is cut off. */
  readonly stalledMs: number;
}

/** What the resources are made of. */
export interface Services {
  readonly vault: Vault;
  readonly media: MediaEngines;
  readonly limits: Limits;
  readonly progress: Progress;
  /** Aborts when the server stops: what would stream for ever ends then. */
  readonly stopping: AbortSignal;
}

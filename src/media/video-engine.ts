export interface Attempt {
  /** Constant rate factor of AV1, 0 (best) to 63. */
  readonly crf: number;
  /** Pass on sound that MP4 can hold; false encodes all of it as Opus. */
  readonly copyAudio: boolean;
  readonly signal?: AbortSignal;
  /** 0 to 1. */
  onProgress?(fraction: number): void;
}

/** Something that turns a video file into AV1 in MP4, in a process of its own. */
export interface VideoEngine {
  readonly name: string;
  /**
   * Writes the video to `output`; false when this attempt failed and another kind of attempt may not.
   * @throws Refusal `not_video`, `too_large`, `aborted`, `engine_unavailable`
   */
  encode(input: string, output: string, attempt: Attempt): Promise<boolean>;
}

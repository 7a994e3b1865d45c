/** How the video sidecar is asked. */
export interface SidecarSettings {
  /** Constant rate factor of SVT-AV1, 0 (best) to 63. */
  readonly crf: number;
  /** SVT-AV1's speed, 0 (slowest) to 13. */
  readonly preset: number;
  readonly threads: number;
  /** False encodes all sound anew: for files whose sound MP4 turns out not to take. */
  readonly copyAudio: boolean;
}

/** What the video sidecar says, one JSON object a line. */
export type SidecarMessage =
  | { readonly kind: "progress"; readonly fraction: number }
  | { readonly kind: "done"; readonly frames: number }
  | { readonly kind: "not_video"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

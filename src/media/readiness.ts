import { type VideoSettings, videoEngineName } from "./video";

/** What `/api/compress` can do here. Images always work: their engine is part of the program. */
export interface MediaReadiness {
  readonly image: true;
  /** The engine's name; null when there is none, and videos are refused with `engine_unavailable`. */
  readonly video: string | null;
}

export async function mediaReadiness(settings?: VideoSettings): Promise<MediaReadiness> {
  return { image: true, video: await videoEngineName(settings) };
}

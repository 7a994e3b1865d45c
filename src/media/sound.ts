/** Compressed sound that players of MP4 know, by FFmpeg's names: it is passed on as it is. */
export const COPIED_SOUND: ReadonlySet<string> = new Set(["aac", "mp3", "opus", "ac3", "eac3"]);

/** The name of the folder that the build embeds: Bun puts an embedded folder under its own name. */
export const EMBEDDED_SIDECAR = "video-engine";

/** The folder, relative to the repository, in which the build lays out the sidecar that it embeds. */
export const EMBEDDED_SIDECAR = "dist/video-engine";

/** How the samples of a frame lie: pixel by pixel, least significant byte first. */
export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly sampleBytes: number;
}

export function frameBytes({ width, height, channels, sampleBytes }: FrameShape): number {
  return width * height * channels * sampleBytes;
}

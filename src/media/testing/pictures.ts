import { decodeJpeg, encodeJpeg, initMozjpeg, type Sampling } from "../jpeg/mozjpeg";
import type { Picture } from "../jpeg/similarity";

/** A picture with gradients, edges and a little grain, as a camera would make one; the same every time. */
export function photo(width: number, height: number, shift = 0): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  let seed = 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const grain = (seed >>> 24) / 64;
      const disc = Math.hypot(x - width / 2 - shift, y - height / 2) < height / 4 ? 60 : 0;
      data.set(
        [80 + (x * 120) / width + grain, 60 + (y * 120) / height + grain + disc, 150 - disc + grain, 255],
        (y * width + x) * 4,
      );
    }
  }
  return { data, width, height };
}

export async function jpegOf(picture: Picture, quality = 95, sampling: Sampling = "4:2:0"): Promise<Uint8Array> {
  await initMozjpeg();
  return encodeJpeg(picture, quality, sampling);
}

export { decodeJpeg };

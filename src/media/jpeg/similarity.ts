/**
 * How equal two pictures look: SSIM (Wang, Bovik, Sheikh and Simoncelli, 2004) over 8 x 8 windows of the luma and
 * of both chroma planes (BT.601). The windows lie across the corners of JPEG's own blocks, where its faults show.
 */

export interface Picture {
  /** RGBA, row by row. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface Similarity {
  /** Mean SSIM of the luma windows, 1 for equal pictures. */
  readonly luma: number;
  /** The luma SSIM that 99 of 100 windows reach: a small ruined spot does not hide in a good mean. */
  readonly lumaFloor: number;
  /** The lower mean SSIM of the two chroma planes. */
  readonly chroma: number;
}

const WINDOW = 8;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;
const HISTOGRAM = 4096;

/** Planes' weights of R, G and B in 1/65536. */
const LUMA = [19595, 38470, 7471] as const;
const BLUE_DIFFERENCE = [-11059, -21709, 32768] as const;
const RED_DIFFERENCE = [32768, -27439, -5329] as const;

function windowSsim(
  a: Picture,
  b: Picture,
  x0: number,
  y0: number,
  [r, g, bl]: readonly [number, number, number],
): number {
  const xEnd = Math.min(x0 + WINDOW, a.width);
  const yEnd = Math.min(y0 + WINDOW, a.height);
  let sumA = 0;
  let sumB = 0;
  let squareA = 0;
  let squareB = 0;
  let product = 0;
  for (let y = y0; y < yEnd; y++) {
    for (let i = (y * a.width + x0) * 4, end = (y * a.width + xEnd) * 4; i < end; i += 4) {
      const va = (r * a.data[i]! + g * a.data[i + 1]! + bl * a.data[i + 2]!) / 65536;
      const vb = (r * b.data[i]! + g * b.data[i + 1]! + bl * b.data[i + 2]!) / 65536;
      sumA += va;
      sumB += vb;
      squareA += va * va;
      squareB += vb * vb;
      product += va * vb;
    }
  }
  const n = (xEnd - x0) * (yEnd - y0);
  const meanA = sumA / n;
  const meanB = sumB / n;
  const variances = squareA / n - meanA * meanA + squareB / n - meanB * meanB;
  const covariance = product / n - meanA * meanB;
  // Chroma lies around zero, where the luminance term would compare nothing but noise: shift it to the middle.
  const offset = r > 0 && g > 0 ? 0 : 128;
  const ma = meanA + offset;
  const mb = meanB + offset;
  return ((2 * ma * mb + C1) * (2 * covariance + C2)) / ((ma * ma + mb * mb + C1) * (variances + C2));
}

/** Compares two pictures of the same size. */
export function similarity(a: Picture, b: Picture): Similarity {
  const histogram = new Uint32Array(HISTOGRAM + 1);
  let windows = 0;
  let luma = 0;
  let blue = 0;
  let red = 0;
  const start = (size: number) => (size > WINDOW ? WINDOW / 2 : 0);
  for (let y = start(a.height); y < a.height; y += WINDOW) {
    for (let x = start(a.width); x < a.width; x += WINDOW) {
      const value = windowSsim(a, b, x, y, LUMA);
      histogram[Math.round(Math.max(0, value) * HISTOGRAM)]!++;
      luma += value;
      blue += windowSsim(a, b, x, y, BLUE_DIFFERENCE);
      red += windowSsim(a, b, x, y, RED_DIFFERENCE);
      windows++;
    }
  }
  let below = 0;
  let bin = 0;
  while (below + histogram[bin]! <= windows / 100) below += histogram[bin++]!;
  return { luma: luma / windows, lumaFloor: bin / HISTOGRAM, chroma: Math.min(blue, red) / windows };
}

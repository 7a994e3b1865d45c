/** Where a display matrix (ISO/IEC 14496-12, 8.3.2: a b u, c d v, x y w in 16.16) puts the picture. */
export interface Orientation {
  /** FFmpeg filters that turn the pixels accordingly. */
  readonly filters: readonly string[];
  /** Whether width and height change places. */
  readonly turned: boolean;
}

const UPRIGHT: Orientation = { filters: [], turned: false };

/**
 * The filters for the eight orientations without skew; anything else is shown as it is stored. The matrix maps a
 * stored point to x' = a x + c y, y' = b x + d y.
 */
export function orientationOf(matrix: Int32Array | null): Orientation {
  if (!matrix || matrix.length < 5) return UPRIGHT;
  const [a, b, c, d] = [matrix[0]!, matrix[1]!, matrix[3]!, matrix[4]!].map(Math.sign) as [
    number,
    number,
    number,
    number,
  ];
  if (b === 0 && c === 0) {
    return { filters: [...(a < 0 ? ["hflip"] : []), ...(d < 0 ? ["vflip"] : [])], turned: false };
  }
  if (a !== 0 || d !== 0 || b === 0 || c === 0) return UPRIGHT;
  // b > 0: stored rows run downwards on the screen; c < 0: stored columns run from right to left.
  const direction = b > 0 ? (c < 0 ? "clock" : "cclock_flip") : c < 0 ? "clock_flip" : "cclock";
  return { filters: [`transpose=${direction}`], turned: true };
}

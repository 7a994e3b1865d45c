/** Longer lines are simplified piece by piece, which bounds the quadratic worst case; the ends of a piece stay. */
const PIECE_POSITIONS = 8192;

/** RFC 7946 section 3.1.6: a linear ring has four or more positions. */
const MIN_RING = 4;

/** A line's positions in coordinate units; further coordinates take no part. */
export interface Line {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * Douglas and Peucker's line simplification (1973), measured to the chord as a segment, so that closed lines need
 * no case of their own. Both ends always stay.
 *
 * @param tolerance positions up to this far from the simplified line may go
 * @param ring whether the line is a linear ring, which stays closed with at least four positions
 * @returns for each position whether it stays, or undefined when all do
 */
export function simplify(line: Line, tolerance: number, ring: boolean): Uint8Array | undefined {
  const count = line.x.length;
  if (count <= (ring ? MIN_RING : 2) || !line.x.every(Number.isFinite) || !line.y.every(Number.isFinite))
    return undefined;
  if (ring && !isClosed(line)) return undefined;
  const stays = new Uint8Array(count);
  for (let from = 0; from < count - 1; from += PIECE_POSITIONS) {
    keepBetween(line, from, Math.min(from + PIECE_POSITIONS, count - 1), tolerance * tolerance, stays);
  }
  const kept = stays.reduce((sum, stay) => sum + stay, 0);
  if (ring && kept < MIN_RING) keepTriangle(line, stays);
  return kept === count ? undefined : stays;
}

function isClosed({ x, y }: Line): boolean {
  return x[0] === x.at(-1) && y[0] === y.at(-1);
}

function keepBetween(line: Line, first: number, last: number, tolerance2: number, stays: Uint8Array): void {
  stays[first] = stays[last] = 1;
  const pending = [first, last];
  while (pending.length > 0) {
    const to = pending.pop()!;
    const from = pending.pop()!;
    const { index, distance2 } = farthest(line, from, to, from + 1, to);
    // Written so that a distance beyond the largest number keeps the position.
    if (index < 0 || distance2 <= tolerance2) continue;
    stays[index] = 1;
    pending.push(from, index, index, to);
  }
}

/** The position of `[start, end)` farthest from the segment between two positions; index -1 when there is none. */
function farthest({ x, y }: Line, a: number, b: number, start: number, end: number) {
  const ax = x[a]!;
  const ay = y[a]!;
  const dx = x[b]! - ax;
  const dy = y[b]! - ay;
  const length2 = dx * dx + dy * dy;
  let index = -1;
  let distance2 = -1;
  for (let i = start; i < end; i++) {
    let px = x[i]! - ax;
    let py = y[i]! - ay;
    const along = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
    px -= along * dx;
    py -= along * dy;
    const found = px * px + py * py;
    if (!(found <= distance2)) {
      index = i;
      distance2 = found;
    }
  }
  return { index, distance2 };
}

/** The least that a ring may become: its start, the position farthest from it, and the one farthest from both. */
function keepTriangle(line: Line, stays: Uint8Array): void {
  const last = stays.length - 1;
  const apex = farthest(line, 0, 0, 1, last).index;
  const before = farthest(line, 0, apex, 1, apex);
  const after = farthest(line, 0, apex, apex + 1, last);
  stays[apex] = 1;
  stays[before.distance2 > after.distance2 ? before.index : after.index] = 1;
}

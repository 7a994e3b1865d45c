/** Few enough for the bound parameters that either database allows in a statement, rows of a few columns each. */
const CHUNK_ROWS = 1000;

/** Cuts a list of any length into pieces that fit into one statement. */
export function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let at = 0; at < items.length; at += CHUNK_ROWS) yield items.slice(at, at + CHUNK_ROWS);
}

/** Whether an UPDATE would have nothing to set (Drizzle refuses to build that). */
export function changesNothing(change: object): boolean {
  return Object.values(change).every((value) => value === undefined);
}

/** What both dialects can compare with: the years 1 to 9999. */
const EARLIEST = Date.parse("0001-01-01T00:00:00.000Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

/** A bound for a query by time, moved into the range that both dialects know. */
export function comparable(date: Date): Date {
  return new Date(Math.min(Math.max(date.getTime(), EARLIEST), LATEST));
}

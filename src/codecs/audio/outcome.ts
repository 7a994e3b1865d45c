import type { Prepared } from "../codec";

/** The file stays as it is. @param because completes "it is kept exactly, because" */
export function exact(because: string): Prepared {
  return { lossless: true, report: { reason: `kept exactly: ${because}` } };
}

/** What a format's second encoding tells of itself. */
export interface Reencoded {
  readonly seconds: number;
}

/** @throws RangeError when a file has become too large to be worth it */
export function requireBelow(limit: number, bytes: number): void {
  if (bytes > limit) throw new RangeError("encoding it again would save too little");
}

/** To two decimals. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

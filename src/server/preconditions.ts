import { Refusal } from "../errors";

/** What a stored file's bytes are known by. */
export interface Representation {
  /** Length in bytes. */
  readonly size: number;
  /** A strong entity tag, in its quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** Bytes `[start, end)`; `partial` when they answer a Range request. */
export interface Selection {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
}

/** Whether the client has these bytes already: `If-None-Match`, else `If-Modified-Since` (RFC 9110 section 13.2.2). */
export function isNotModified(headers: Headers, { etag, modifiedAt }: Representation): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return tags.trim() === "*" || entityTags(tags).includes(etag);
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return wholeSeconds(modifiedAt) <= since;
}

/**
 * What to send for `Range` and `If-Range`. A malformed range, another unit or several ranges mean the whole file
 * (RFC 9110 section 14.2 allows it).
 * @throws Refusal `range_not_satisfiable`
 */
export function selectRange(headers: Headers, representation: Representation): Selection {
  const { size } = representation;
  const whole = { start: 0, end: size, partial: false };
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(headers.get("range") ?? "");
  if (!match || (match[1] === "" && match[2] === "") || !rangeApplies(headers, representation)) return whole;
  const [, first, last] = match as unknown as [string, string, string];
  if (first !== "" && last !== "" && Number(first) > Number(last)) return whole;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start < end) return { start, end, partial: true };
  throw new Refusal("range_not_satisfiable", `The range lies outside the file of ${size} bytes.`, { size });
}

/** `If-Range` names the version that the client has a part of: RFC 9110 section 13.1.5, strong comparison. */
function rangeApplies(headers: Headers, { etag, modifiedAt }: Representation): boolean {
  const condition = headers.get("if-range")?.trim();
  if (!condition) return true;
  if (/^(W\/)?"/.test(condition)) return condition === etag;
  return Date.parse(condition) === wholeSeconds(modifiedAt);
}

/** Weak comparison: `W/` makes no difference (RFC 9110 section 13.1.2). */
function entityTags(header: string): string[] {
  return [...header.matchAll(/(?:W\/)?("[^"]*")/g)].map((match) => match[1]!);
}

/** HTTP dates have no fractions. */
function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

import { Refusal } from "../errors";
import type { QueryDescription } from "./operation";

/** How a query parameter's text becomes a value. */
export interface QueryField<T> extends QueryDescription {
  /** Undefined when the text spells no allowed value. */
  parse(text: string): T | undefined;
  /** Completes "`limit` must be ...". */
  readonly expected: string;
  readonly fallback?: T;
}

type Fields = Record<string, QueryField<unknown>>;
type Required<F> = F extends QueryField<infer T> & { fallback: unknown } ? T : never;
type Optional<F> = F extends QueryField<infer T> ? T | undefined : never;

export type Query<F extends Fields> = {
  [Name in keyof F]: F[Name] extends { fallback: unknown } ? Required<F[Name]> : Optional<F[Name]>;
};

/** A whole number from `minimum` on; above `cap` it means `cap`. */
export function integer(minimum: number, fallback: number, description: string, cap = Number.MAX_SAFE_INTEGER) {
  return {
    parse(text: string): number | undefined {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      return value >= minimum ? Math.min(value, cap) : undefined;
    },
    expected: `a whole number of at least ${minimum}`,
    fallback,
    schema: { type: "integer", minimum, default: fallback },
    description,
  } satisfies QueryField<number>;
}

/** 1 to `maximum` characters, none of them a control character. */
export function text(maximum: number, description: string) {
  return {
    parse(value: string): string | undefined {
      return value.length >= 1 && value.length <= maximum && !/\p{Cc}/u.test(value) ? value : undefined;
    },
    expected: `1 to ${maximum} printable characters`,
    schema: { type: "string", minLength: 1, maxLength: maximum },
    description,
  } satisfies QueryField<string>;
}

/** A time as ISO 8601 writes it; without an offset it is UTC. */
export function timestamp(description: string) {
  return {
    parse(value: string): Date | undefined {
      if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(value)) return undefined;
      const date = new Date(/T.*(Z|[+-]\d\d:\d\d)$/.test(value) || !value.includes("T") ? value : `${value}Z`);
      return Number.isNaN(date.getTime()) ? undefined : date;
    },
    expected: "a time such as 2026-03-08T12:00:00Z",
    schema: { type: "string", format: "date-time" },
    description,
  } satisfies QueryField<Date>;
}

/**
 * Reads a request's query strictly: a misspelt parameter must not silently mean the default.
 * @throws Refusal `unknown_parameter`, `bad_parameter`
 */
export function readQuery<const F extends Fields>(request: Request, fields: F): Query<F> {
  const given = queryRecord(request);
  requireKnown(Object.keys(given), Object.keys(fields));
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const text = given[name];
    values[name] = text === undefined ? field.fallback : field.parse(text);
    if (text !== undefined && values[name] === undefined) {
      throw new Refusal("bad_parameter", `\`${name}\` must be ${field.expected}.`, { parameter: name });
    }
  }
  return values as Query<F>;
}

/** Every query parameter by name. @throws Refusal `bad_parameter` when one is given twice */
export function queryRecord(request: Request): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in record) throw new Refusal("bad_parameter", `\`${shown(name)}\` is given more than once.`);
    record[name] = value;
  }
  return record;
}

function requireKnown(given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const list = known.length > 0 ? `known are ${known.join(", ")}` : "this call takes none";
  throw new Refusal("unknown_parameter", `There is no parameter \`${shown(unknown)}\` here; ${list}.`, { known });
}

/** Enough of a strange name to recognise one's typing error, never a whole payload. */
function shown(name: string): string {
  const plain = name.replace(/[^\w.-]/g, "?");
  return plain.length > 40 ? `${plain.slice(0, 40)}...` : plain;
}

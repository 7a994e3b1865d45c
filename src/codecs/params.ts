import { type TSchema, Type } from "@sinclair/typebox";
import { Refusal } from "../errors";
import type { Level } from "../graph/plan";
import type { Codec, Format } from "./codec";

export const levelSchema = Type.Union([Type.Literal("fast"), Type.Literal("balanced"), Type.Literal("max")], {
  default: "balanced",
  description: "How hard to try: `fast` for speed, `max` for size.",
});

export interface ParsedParams {
  /** As asked for by name; absent when the content may decide. */
  readonly format?: string;
  readonly level: Level;
  /** The codec's own, validated, defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Reads a request's query as the codec's parameters.
 * @throws Refusal `unknown_parameter`, `bad_parameter`, `unknown_format`
 */
export function parseParams(codec: Codec, query: Readonly<Record<string, string>>): ParsedParams {
  const schemas = codec.params.properties;
  const known = parameterNames(codec);
  const unknown = Object.keys(query).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    const names = list(unknown.slice(0, 5).map((key) => `\`${key.slice(0, 40)}\``));
    throw new Refusal("unknown_parameter", `${codec.name} has no parameter ${names}; it has ${list(known)}.`, {
      known,
    });
  }
  const params: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(schemas)) {
    const text = given(query, key);
    const value = text === undefined ? schema.default : readParameter(key, schema, text);
    if (value !== undefined) params[key] = value;
  }
  const level = given(query, "level");
  return {
    format: requestedFormat(codec, query),
    level: (level === undefined ? "balanced" : readParameter("level", levelSchema, level)) as Level,
    params,
  };
}

/** Every query parameter that an upload to the codec understands. */
export function parameterNames(codec: Codec): string[] {
  const alias = codec.formatParam ? [codec.formatParam] : [];
  return ["format", "level", ...alias, ...Object.keys(codec.params.properties)];
}

/** A query may come as an object with a prototype; only its own keys are parameters. */
function given(query: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(query, key) ? query[key] : undefined;
}

function requestedFormat(codec: Codec, query: Readonly<Record<string, string>>): string | undefined {
  const format = given(query, "format");
  const alias = codec.formatParam && given(query, codec.formatParam);
  if (format !== undefined && alias !== undefined && format !== alias) {
    throw new Refusal("bad_parameter", `\`format\` and \`${codec.formatParam}\` contradict each other.`);
  }
  const wanted = format ?? alias;
  return wanted === undefined ? undefined : formatByName(codec, wanted).name;
}

/** @throws Refusal `unknown_format` */
export function formatByName(codec: Codec, name: string): Format {
  const format = codec.formats.find((candidate) => candidate.name === name);
  if (format) return format;
  const known = codec.formats.map((candidate) => candidate.name);
  throw new Refusal("unknown_format", `The codec ${codec.name} knows the formats ${list(known)}.`, { known });
}

function readParameter(key: string, schema: TSchema, text: string): unknown {
  const value = readValue(schema, text);
  if (value !== undefined) return value;
  throw new Refusal("bad_parameter", `\`${key}\` must be ${describeRange(schema)}.`, { parameter: key });
}

/** The value that `text` spells under `schema`, or undefined. Nothing is guessed: `2abc`, `` and `NaN` are none. */
function readValue(schema: TSchema, text: string): unknown {
  if (schema.anyOf) {
    for (const branch of schema.anyOf as TSchema[]) {
      const value = readValue(branch, text);
      if (value !== undefined) return value;
    }
    return undefined;
  }
  if ("const" in schema) return String(schema.const) === text ? schema.const : undefined;
  switch (schema.type) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? within(schema, Number(text)) : undefined;
    case "number":
      return /^-?\d+(\.\d+)?([eE][-+]?\d{1,3})?$/.test(text) ? within(schema, Number(text)) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    default:
      return undefined;
  }
}

function within(schema: TSchema, value: number): number | undefined {
  const fits =
    Number.isFinite(value) && value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  // -0 is the same wish as 0 and must not make another archive.
  return fits ? value + 0 : undefined;
}

/** "an integer from 1 to 4", "one of js, css, html": completes "must be". */
function describeRange(schema: TSchema): string {
  if (schema.anyOf) {
    const branches = schema.anyOf as TSchema[];
    const words = branches.filter((branch) => "const" in branch).map((branch) => String(branch.const));
    const others = branches.filter((branch) => !("const" in branch)).map(describeRange);
    return [...others, ...(words.length > 1 ? [`one of ${words.join(", ")}`] : words)].join(" or ");
  }
  if ("const" in schema) return String(schema.const);
  if (schema.type === "boolean") return "true or false";
  const noun = schema.type === "integer" ? "an integer" : "a number";
  if (schema.minimum !== undefined && schema.maximum !== undefined) {
    return `${noun} from ${schema.minimum} to ${schema.maximum}`;
  }
  return schema.minimum === undefined ? noun : `${noun} of at least ${schema.minimum}`;
}

function list(words: readonly string[]): string {
  return words.join(", ");
}

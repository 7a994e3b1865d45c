import { type TSchema, Type } from "@sinclair/typebox";
import { Refusal } from "../errors";
import type { Level } from "../graph/plan";
import { type Codec, type Format, ONLY_FORMATS } from "./codec";

export const levelSchema = Type.Union([Type.Literal("fast"), Type.Literal("balanced"), Type.Literal("max")], {
  default: "balanced",
  description: "How hard to try: `fast` for speed, `max` for size.",
});

export interface ParsedParams {
  /** As asked for by name; absent when the content may decide. */
  readonly format?: string;
  readonly level: Level;
  /** The codec's own, validated, defaults filled in; {@link paramsOf} says which of them a format has. */
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
  const format = requestedFormat(codec, query);
  if (format !== undefined) requireApplicable(codec, format, query);
  return {
    format: format?.name,
    level: (level === undefined ? "balanced" : readParameter("level", levelSchema, level)) as Level,
    params,
  };
}

/** Those of a codec's parameters that files of `format` have. */
export function paramsOf(codec: Codec, format: Format, params: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(params).filter(([name]) => applies(codec, name, format)));
}

/** What would be overlooked must not be asked for. @throws Refusal `bad_parameter` */
export function requireApplicable(codec: Codec, format: Format, query: Readonly<Record<string, string>>): void {
  const stray = Object.keys(query).find((name) => !applies(codec, name, format));
  if (stray === undefined) return;
  const formats: string[] = codec.params.properties[stray]![ONLY_FORMATS];
  throw new Refusal(
    "bad_parameter",
    `\`${stray}\` is for ${list(formats)}; this is ${format.title} (${format.name}).`,
    {
      parameter: stray,
      formats,
    },
  );
}

function applies(codec: Codec, name: string, format: Format): boolean {
  if (!Object.hasOwn(codec.params.properties, name)) return true;
  const only: string[] | undefined = codec.params.properties[name]![ONLY_FORMATS];
  return only === undefined || only.includes(format.name);
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

function requestedFormat(codec: Codec, query: Readonly<Record<string, string>>): Format | undefined {
  const format = given(query, "format");
  const alias = codec.formatParam && given(query, codec.formatParam);
  if (format !== undefined && alias !== undefined && format !== alias) {
    throw new Refusal("bad_parameter", `\`format\` and \`${codec.formatParam}\` contradict each other.`);
  }
  const wanted = format ?? alias;
  return wanted === undefined ? undefined : formatByName(codec, wanted);
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

/** "an integer from 1 to 4", "one of js, css, html": completes "must be". A title says it where the schema cannot. */
export function describeRange(schema: TSchema): string {
  if (schema.title) return schema.title;
  if (schema.anyOf) {
    const branches = schema.anyOf as TSchema[];
    const words = branches.filter((branch) => "const" in branch).map((branch) => String(branch.const));
    const others = branches.filter((branch) => !("const" in branch)).map(describeRange);
    return [...others, ...(words.length > 1 ? [`one of ${words.join(", ")}`] : words)].join(" or ");
  }
  if ("const" in schema) return String(schema.const);
  switch (schema.type) {
    case "boolean":
      return "true or false";
    case "null":
      return "null";
    case "string":
      return `text of ${schema.minLength ?? 0} to ${schema.maxLength ?? "any number of"} characters`;
    case "array":
      return `a list of at least ${schema.minItems ?? 0}, each ${describeRange(schema.items)}, none twice`;
    default:
      return describeNumbers(schema);
  }
}

function describeNumbers({ type, minimum, maximum }: TSchema): string {
  const noun = type === "integer" ? "an integer" : "a number";
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`;
  return minimum === undefined ? noun : `${noun} of at least ${minimum}`;
}

function list(words: readonly string[]): string {
  return words.join(", ");
}

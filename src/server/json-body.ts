import type { Static, TObject, TSchema, TUnion } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describeRange } from "../codecs/params";
import { Refusal } from "../errors";
import { readJson } from "./body";
import type { Exchange } from "./exchange";

/** What a body may be: one kind of object, or several that a constant field tells apart. */
type BodySchema = TObject | TUnion<TObject[]>;

/** Reads a JSON body that must fit `schema`. @throws Refusal `bad_parameter` naming the field, and those of readJson */
export async function readBody<S extends BodySchema>(
  request: Request,
  exchange: Exchange,
  schema: S,
): Promise<Static<S>> {
  const body = await readJson(request, exchange);
  const object = schema.anyOf ? variantOf(schema as TUnion<TObject[]>, body) : (schema as TObject);
  const wrong = Value.Errors(object, body).First();
  if (!wrong) return body as Static<S>;
  const field = wrong.path.slice(1).replaceAll("/", ".");
  throw wrongField(
    field,
    isKnown(object, wrong.path) ? `must be ${describeRange(wrong.schema)}` : "is not known here",
  );
}

function isKnown(schema: TObject, path: string): boolean {
  return Object.hasOwn(schema.properties, path.split("/")[1] ?? "");
}

/** The object of a union that the body means, by its constant field. */
function variantOf({ anyOf }: TUnion<TObject[]>, body: Record<string, unknown>): TObject {
  const field = Object.keys(anyOf[0]!.properties).find((name) => "const" in anyOf[0]!.properties[name]!)!;
  const values = anyOf.map(({ properties }) => (properties[field] as TSchema).const);
  const variant = anyOf[values.indexOf(body[field])];
  if (variant) return variant;
  throw wrongField(field, `must be one of ${values.join(", ")}`);
}

function wrongField(field: string, what: string): Refusal {
  const shown = field.replace(/[^\w.-]/g, "?").slice(0, 40);
  return new Refusal("bad_parameter", `\`${shown}\` ${what}.`, { parameter: shown });
}

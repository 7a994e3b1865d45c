import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Refusal } from "../errors";
import { readJson } from "./body";
import type { Exchange } from "./exchange";

/** Reads a JSON body that must fit `schema`. @throws Refusal `bad_parameter` naming the field, and those of readJson */
export async function readBody<S extends TSchema>(
  request: Request,
  exchange: Exchange,
  schema: S,
): Promise<Static<S>> {
  const body = await readJson(request, exchange);
  const wrong = Value.Errors(schema, body).First();
  if (!wrong) return body as Static<S>;
  const field = wrong.path.slice(1).replaceAll("/", ".");
  const where = field === "" ? "The body" : `\`${field}\``;
  throw new Refusal("bad_parameter", `${where}: ${wrong.message.toLowerCase()}.`, { parameter: field });
}

import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { json } from "./answer";
import { NEW_KEY_EXAMPLE } from "./examples";
import { type Gate, type GateKeeping, limitFailures } from "./gate";
import { readBody } from "./json-body";
import { jsonAnswer, jsonBody, operation } from "./operation";
import { newKeyBody } from "./present";
import { readQuery } from "./query";

const TOKEN = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);

const SETUP = {
  tag: "Keys",
  summary: "Exchange the one-time setup token for a key",
  description: "The first start of the server prints the token in its setup link; it works once.",
  body: jsonBody(TOKEN, { token: "the part of the setup link after the #" }),
  answers: { 201: jsonAnswer("A key with all scopes, shown this once.", NEW_KEY_EXAMPLE, "NewKey") },
  refusals: ["unauthorized", "rate_limited", "bad_request", "unsupported_media_type", "too_large"],
} as const;

/** `POST /api/setup`. */
export function setup({ vault, failures }: GateKeeping, gate: Gate) {
  return new Elysia().use(gate).post(
    "/api/setup",
    async ({ request, exchange }) => {
      readQuery(request, {});
      const { token } = await readBody(request, exchange, TOKEN);
      const made = await limitFailures(failures, exchange, () => vault.redeemSetup(token, exchange.address));
      return json(newKeyBody(made), 201);
    },
    { detail: operation(SETUP) },
  );
}

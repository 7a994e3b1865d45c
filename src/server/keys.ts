import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { Refusal } from "../errors";
import { json } from "./answer";
import { KEY_EXAMPLE, NEW_KEY_EXAMPLE } from "./examples";
import type { Gate } from "./gate";
import { identifier } from "./identifier";
import { readBody } from "./json-body";
import { jsonAnswer, jsonBody, operation } from "./operation";
import { keyBody, newKeyBody } from "./present";
import { readQuery, timestamp } from "./query";
import type { Services } from "./services";

const WISH = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: "So that people know whose key it is." }),
    scopes: Type.Optional(
      Type.Array(
        Type.Union([Type.Literal("read"), Type.Literal("write"), Type.Literal("delete"), Type.Literal("admin")]),
        { minItems: 1, uniqueItems: true, description: "Without it read, write and delete." },
      ),
    ),
    expiresAt: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        title: "a time such as 2026-03-08T12:00:00Z",
        description: "ISO 8601; without it never.",
      }),
    ),
  },
  { additionalProperties: false },
);

const LIST = {
  tag: "Keys",
  summary: "List the keys of the space",
  scope: "admin",
  answers: { 200: jsonAnswer("All keys; never their secrets.", { keys: [KEY_EXAMPLE] }) },
} as const;

const CREATE = {
  tag: "Keys",
  summary: "Create a key",
  scope: "admin",
  body: jsonBody(WISH, { name: "sequencer 3", scopes: ["read", "write"] }),
  answers: { 201: jsonAnswer("The key, shown this once.", NEW_KEY_EXAMPLE, "NewKey") },
  refusals: ["bad_request", "unsupported_media_type", "too_large"],
} as const;

const REVOKE = {
  tag: "Keys",
  summary: "Revoke a key",
  description: "It stops working at once.",
  scope: "admin",
  answers: { 200: jsonAnswer("The key, revoked.", KEY_EXAMPLE, "Key") },
  refusals: ["not_found"],
} as const;

const ROTATE = {
  tag: "Keys",
  summary: "Replace a key by a new one",
  description: "The successor has the same name, scopes and expiry; the old key stops working at once.",
  scope: "admin",
  answers: { 200: jsonAnswer("The successor, shown this once.", NEW_KEY_EXAMPLE, "NewKey") },
  refusals: ["not_found", "conflict"],
} as const;

/** `/api/keys`: list, create, revoke, rotate. */
export function keys({ vault }: Services, gate: Gate) {
  return new Elysia({ prefix: "/api/keys" })
    .use(gate)
    .get(
      "",
      async ({ request, actor }) => {
        readQuery(request, {});
        return json({ keys: (await vault.keys(actor)).map(keyBody) });
      },
      { scope: "admin", detail: operation(LIST) },
    )
    .post(
      "",
      async ({ request, actor, exchange }) => {
        readQuery(request, {});
        const { expiresAt, ...wish } = await readBody(request, exchange, WISH);
        return json(newKeyBody(await vault.createKey(actor, { ...wish, expiresAt: expiry(expiresAt) })), 201);
      },
      { scope: "admin", detail: operation(CREATE) },
    )
    .post(
      "/:id/revoke",
      async ({ request, params, actor }) => {
        readQuery(request, {});
        return json(keyBody(await vault.revokeKey(actor, identifier(params.id))));
      },
      { scope: "admin", detail: operation(REVOKE) },
    )
    .post(
      "/:id/rotate",
      async ({ request, params, actor }) => {
        readQuery(request, {});
        return json(newKeyBody(await vault.rotateKey(actor, identifier(params.id))));
      },
      { scope: "admin", detail: operation(ROTATE) },
    );
}

function expiry(text: string | null | undefined): Date | null {
  if (text === undefined || text === null) return null;
  const { parse, expected } = timestamp("");
  const date = parse(text);
  if (date) return date;
  throw new Refusal("bad_parameter", `\`expiresAt\` must be ${expected}.`, { parameter: "expiresAt" });
}

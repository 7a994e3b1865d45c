import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { json } from "./answer";
import { STORAGE_EXAMPLE } from "./examples";
import type { Gate } from "./gate";
import { readBody } from "./json-body";
import { jsonAnswer, jsonBody, operation } from "./operation";
import { readQuery } from "./query";
import type { Services } from "./services";

const strict = { additionalProperties: false };
const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength });

const DIRECTORY = Type.String({
  pattern: "^(/|[A-Za-z]:[\\\\/])",
  maxLength: 4096,
  title: "an absolute path",
});

const ENDPOINT = Type.String({
  pattern: "^https?://[^\\s/?#]+/?$",
  maxLength: 1024,
  title: "an address such as https://s3.example.org",
});

const SETTINGS = Type.Union([
  Type.Object({ kind: Type.Literal("none") }, strict),
  Type.Object({ kind: Type.Literal("local"), directory: DIRECTORY }, strict),
  Type.Object(
    {
      kind: Type.Literal("s3"),
      endpoint: Type.Union([ENDPOINT, Type.Null()]),
      region: text(64, 1),
      bucket: text(255, 1),
      prefix: text(512),
      pathStyle: Type.Boolean(),
      accessKeyId: text(256, 1),
      secretAccessKey: Type.Optional(text(256, 1)),
    },
    strict,
  ),
]);

const READ = {
  tag: "Storage",
  summary: "Where archives are stored",
  description: "Secrets are never shown.",
  scope: "admin",
  answers: { 200: jsonAnswer("The settings in use.", STORAGE_EXAMPLE) },
} as const;

const WRITE = {
  tag: "Storage",
  summary: "Store archives elsewhere from now on",
  description:
    "The new storage is tested first: a small object is written, read and removed. Without `secretAccessKey` the " +
    "present one stays.",
  scope: "admin",
  body: jsonBody(SETTINGS, { ...STORAGE_EXAMPLE, secretAccessKey: "..." }),
  answers: { 200: jsonAnswer("The settings in use.", STORAGE_EXAMPLE) },
  refusals: ["bad_request", "conflict", "storage_unavailable", "disk_full", "unsupported_media_type", "too_large"],
} as const;

const TEST = {
  tag: "Storage",
  summary: "Test the storage in use",
  description: "Writes, reads and removes a small object.",
  scope: "admin",
  answers: { 200: jsonAnswer("It works.", { ok: true }) },
  refusals: ["storage_not_configured", "storage_unavailable", "disk_full"],
} as const;

/** `/api/settings/storage`: read, write, test. */
export function storage({ vault }: Services, gate: Gate) {
  return new Elysia({ prefix: "/api/settings/storage" })
    .use(gate)
    .get(
      "",
      async ({ request, actor }) => {
        readQuery(request, {});
        return json(await vault.storage(actor));
      },
      { scope: "admin", detail: operation(READ) },
    )
    .put(
      "",
      async ({ request, actor, exchange }) => {
        readQuery(request, {});
        const settings = await readBody(request, exchange, SETTINGS);
        return json(await vault.setStorage(actor, settings));
      },
      { scope: "admin", detail: operation(WRITE) },
    )
    .post(
      "/test",
      async ({ request, actor }) => {
        readQuery(request, {});
        await vault.testStorage(actor);
        return json({ ok: true });
      },
      { scope: "admin", detail: operation(TEST) },
    );
}

import { Elysia } from "elysia";
import { json } from "./answer";
import { USAGE_EXAMPLE } from "./examples";
import type { Gate } from "./gate";
import { jsonAnswer, operation } from "./operation";
import { spaceBody } from "./present";
import { readQuery } from "./query";
import type { Services } from "./services";

const EXAMPLE = {
  id: "default",
  name: "Default",
  credits: null,
  quotaBytes: null,
  createdAt: "2026-03-08T12:00:00Z",
  usage: USAGE_EXAMPLE,
};

const SPACE = {
  tag: "Space",
  summary: "The key's space: credits, quota, usage",
  description: "`credits` and `quotaBytes` are null where there is no limit.",
  scope: "read",
  answers: { 200: jsonAnswer("The space.", EXAMPLE) },
} as const;

/** `GET /api/space`. */
export function space({ vault }: Services, gate: Gate) {
  return new Elysia().use(gate).get(
    "/api/space",
    async ({ request, actor }) => {
      readQuery(request, {});
      return json(spaceBody(await vault.space(actor)));
    },
    { scope: "read", detail: operation(SPACE) },
  );
}

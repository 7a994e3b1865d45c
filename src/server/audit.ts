import { Elysia } from "elysia";
import { json } from "./answer";
import { AUDIT_EXAMPLE } from "./examples";
import type { Gate } from "./gate";
import { jsonAnswer, operation } from "./operation";
import { auditBody } from "./present";
import { integer, readQuery, timestamp } from "./query";
import type { Services } from "./services";

const QUERY = {
  limit: integer(1, 100, "Number of entries to return; above 1000 means 1000.", 1000),
  before: timestamp("Only entries before this time: the `at` of the last one seen."),
};

const AUDIT = {
  tag: "Space",
  summary: "Who did what, when and from where, newest first",
  scope: "admin",
  query: QUERY,
  answers: { 200: jsonAnswer("A page of the audit trail.", { entries: [AUDIT_EXAMPLE] }) },
} as const;

/** `GET /api/audit`. */
export function audit({ vault }: Services, gate: Gate) {
  return new Elysia().use(gate).get(
    "/api/audit",
    async ({ request, actor }) => {
      const entries = await vault.auditTrail(actor, readQuery(request, QUERY));
      return json({ entries: entries.map(auditBody) });
    },
    { scope: "admin", detail: operation(AUDIT) },
  );
}

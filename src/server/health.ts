import { Elysia } from "elysia";
import { version } from "../../package.json";
import { json, sized } from "./answer";
import { jsonAnswer, operation } from "./operation";
import { readQuery } from "./query";
import type { Services } from "./services";

const HEALTH = {
  tag: "Health",
  summary: "Whether the server is alive",
  answers: { 200: jsonAnswer("It is.", { status: "ok", version }) },
} as const;

const READY_EXAMPLE = { ready: true, storage: "ok", database: "ok", workers: "ok" };

const READY = {
  tag: "Health",
  summary: "Whether uploads and downloads can be served now",
  answers: {
    200: jsonAnswer("They can.", READY_EXAMPLE),
    503: jsonAnswer("They cannot; the fields say why.", { ...READY_EXAMPLE, ready: false, storage: "unreachable" }),
  },
} as const;

const METRICS = {
  tag: "Health",
  summary: "Metrics for Prometheus",
  description: "Counts and sizes only, no names; keep it from the open network at the proxy if they are secret.",
  answers: { 200: { description: "Prometheus text.", content: { "text/plain": { schema: { type: "string" } } } } },
} as const;

/** `GET /api/health`, `GET /api/ready`, `GET /metrics`: for machines, without a key. */
export function health({ vault }: Services) {
  return new Elysia()
    .get(
      "/api/health",
      ({ request }) => {
        readQuery(request, {});
        return json({ status: "ok", version });
      },
      { detail: operation(HEALTH) },
    )
    .get(
      "/api/ready",
      async ({ request }) => {
        readQuery(request, {});
        const readiness = await vault.readiness();
        return json(readiness, readiness.ready ? 200 : 503);
      },
      { detail: operation(READY) },
    )
    .get(
      "/metrics",
      async ({ request }) => {
        readQuery(request, {});
        return sized(await vault.metrics(), { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
      },
      { detail: operation(METRICS) },
    );
}

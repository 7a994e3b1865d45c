import { Elysia } from "elysia";
import type { Actor, UploadEvent } from "../vault/vault";
import type { Gate } from "./gate";
import { operation } from "./operation";
import { readQuery } from "./query";
import type { Services } from "./services";

/** Often enough for proxies that cut silent connections. */
const HEARTBEAT_MS = 15_000;

/** Events that wait for a slow reader; what is more is dropped, the next one says the same and more. */
const MAX_WAITING = 64;

const EVENTS = {
  tag: "Files",
  summary: "Follow one's running uploads",
  description:
    "Server-sent events named `upload`: what runs now, then every change. Data is JSON with `id`, `state`, " +
    "`progress`, `name`, and `uploadId` or `error` in the end. `/api/compress` calls appear under their request id.",
  scope: "read",
  answers: {
    200: {
      description: "A stream without end.",
      content: {
        "text/event-stream": {
          schema: { type: "string" },
          example:
            'event: upload\ndata: {"id":"0cc175b9c0f1b6a8","state":"running","progress":0.42,"name":"a.bam"}\n\n',
        },
      },
    },
  },
} as const;

/** `GET /api/events`. */
export function events(services: Services, gate: Gate) {
  return new Elysia().use(gate).get(
    "/api/events",
    ({ request, actor, exchange }) => {
      readQuery(request, {});
      return new Response(eventStream(services, actor, exchange.signal), {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
      });
    },
    { scope: "read", detail: operation(EVENTS) },
  );
}

function eventStream(services: Services, actor: Actor, gone: AbortSignal): ReadableStream<Uint8Array> {
  const { vault, progress, stopping } = services;
  const encoder = new TextEncoder();
  const cancelled = new AbortController();
  const until = AbortSignal.any([gone, stopping, cancelled.signal]);
  return new ReadableStream(
    {
      start(controller) {
        const send = (text: string) => {
          if (!until.aborted && (controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(text));
        };
        const tell = (event: UploadEvent) => send(`event: upload\ndata: ${JSON.stringify(event)}\n\n`);
        const heartbeat = setInterval(() => send(": still here\n\n"), HEARTBEAT_MS);
        until.addEventListener("abort", () => clearInterval(heartbeat));
        send(": welcome\n\n");
        progress.subscribe(actor.spaceId, until, tell);
        void forward(vault.events(actor, until), tell)
          .then(() => cancelled.signal.aborted || controller.close())
          .catch((error) => controller.error(error))
          .finally(() => clearInterval(heartbeat));
      },
      cancel: () => cancelled.abort(),
    },
    { highWaterMark: MAX_WAITING },
  );
}

async function forward(events: AsyncIterable<UploadEvent>, tell: (event: UploadEvent) => void): Promise<void> {
  for await (const event of events) tell(event);
}

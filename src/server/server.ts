import { randomUUID } from "node:crypto";
import { Refusal } from "../errors";
import type { Vault } from "../vault/vault";
import { addressReader } from "./address";
import { errorResponse } from "./answer";
import { createApp } from "./app";
import { attach, type Exchange, exchangeOf } from "./exchange";
import { type Guest, openDoor } from "./http";
import { Log } from "./log";
import { Progress } from "./progress";
import { RateLimit } from "./rate-limit";
import type { Limits, MediaEngines } from "./services";

export interface ServerOptions {
  readonly vault: Vault;
  /** What does the work of `/api/compress`. */
  readonly media: MediaEngines;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly limits?: Partial<Limits>;
  /** Requests a minute for each key; 0 is without limit. */
  readonly rateLimit?: number;
  /** Failed attempts a minute for each address; 0 is without limit. */
  readonly failureLimit?: number;
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** One line of JSON a request on standard error. */
  readonly accessLog?: boolean;
}

export interface RunningServer {
  readonly url: string;
  /** Takes no new work, lets what runs finish for at most `graceMs`, then cuts it off. The vault stays open. */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_LIMITS: Limits = { uploadBytes: 2 ** 40, mediaBytes: 500_000_000, stalledMs: 120_000 };
const DEFAULT_RATE_LIMIT = 6_000;
const DEFAULT_FAILURE_LIMIT = 60;
const DEFAULT_GRACE_MS = 30_000;

/** On every answer; routes with a page of their own loosen the policy for it. */
const COMMON_HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Starts the HTTP server. @throws Refusal `conflict` when the address is taken; ConfigError for a bad proxy list */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const stopping = new AbortController();
  const log = new Log(options.accessLog ?? false);
  const readAddress = addressReader(options.trustedProxies ?? []);
  const app = await createApp(
    {
      vault: options.vault,
      media: options.media,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      progress: new Progress(),
      stopping: stopping.signal,
    },
    {
      vault: options.vault,
      requests: new RateLimit(options.rateLimit ?? DEFAULT_RATE_LIMIT),
      failures: new RateLimit(options.failureLimit ?? DEFAULT_FAILURE_LIMIT),
    },
    log,
  );

  const respond = async (guest: Guest): Promise<Response> => {
    const exchange = beginExchange(guest, readAddress);
    const response = stopping.signal.aborted ? stopped() : await handle(app, guest.request, exchange, log);
    response.headers.set("x-request-id", exchange.id);
    for (const [name, value] of Object.entries(COMMON_HEADERS)) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    return response;
  };

  const door = await openDoor({
    host: options.host,
    port: options.port,
    respond,
    onEnd({ request }, { error, ...outcome }) {
      const exchange = exchangeOf(request);
      if (error !== undefined) log.failure(exchange, error);
      log.request(request, exchange, outcome);
    },
  });
  return {
    url: door.url,
    async stop(graceMs = DEFAULT_GRACE_MS) {
      stopping.abort();
      await door.close(graceMs);
    },
  };
}

function beginExchange(
  { request, incoming, invite, signal }: Guest,
  readAddress: ReturnType<typeof addressReader>,
) {
  const wished = request.headers.get("x-request-id") ?? "";
  const exchange: Exchange = {
    id: /^[\w.-]{8,64}$/.test(wished) ? wished : randomUUID(),
    method: incoming.method ?? "",
    address: readAddress(incoming.socket.remoteAddress, request.headers.get("x-forwarded-for")),
    body: incoming,
    invite,
    signal,
    startedAt: performance.now(),
  };
  attach(request, exchange);
  return exchange;
}

async function handle(
  app: Awaited<ReturnType<typeof createApp>>,
  request: Request,
  exchange: Exchange,
  log: Log,
): Promise<Response> {
  try {
    return await app.handle(request);
  } catch (error) {
    log.failure(exchange, error);
    return errorResponse(error);
  }
}

function stopped(): Response {
  const response = errorResponse(new Refusal("shutting_down", "The server is shutting down; try again shortly."));
  response.headers.set("connection", "close");
  return response;
}

import type { IncomingMessage } from "node:http";
import type { Actor } from "../vault/vault";

/** What is known of a request beside its head, from its arrival to its last byte. */
export interface Exchange {
  /** Sent back as `X-Request-Id` and written to the log. */
  readonly id: string;
  /** As it was sent: the router knows HEAD as GET. */
  readonly method: string;
  /** The client's address; behind a trusted proxy the one that the proxy names. */
  readonly address: string | null;
  /** The body, unread. It stays so until the key is checked: a refused upload costs nothing. */
  readonly body: IncomingMessage;
  /** To be called before the body is read. */
  invite(): void;
  /** Aborts when the client goes away or the server gives up. */
  readonly signal: AbortSignal;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  /** Set once the key is checked. */
  actor?: Actor;
}

const exchanges = new WeakMap<Request, Exchange>();

/** Ties an exchange to the `Request` that the router sees. */
export function attach(request: Request, exchange: Exchange): void {
  exchanges.set(request, exchange);
}

export function exchangeOf(request: Request): Exchange {
  const exchange = exchanges.get(request);
  if (!exchange) throw new Error("a request without an exchange reached the router");
  return exchange;
}

import { Elysia } from "elysia";
import type { Scope } from "../database/repository";
import { Refusal } from "../errors";
import { demand } from "../vault/access";
import type { Actor, Vault } from "../vault/vault";
import { type Exchange, exchangeOf } from "./exchange";
import type { RateLimit } from "./rate-limit";

export interface GateKeeping {
  readonly vault: Vault;
  /** By key. */
  readonly requests: RateLimit;
  /** By address, of keys and setup tokens that do not exist. */
  readonly failures: RateLimit;
}

/**
 * Checks keys. A route that names a `scope` runs only for a key that has it, and knows the `actor`. No byte of
 * the body is read before.
 */
export function gate(keeping: GateKeeping) {
  return new Elysia({ name: "gate" })
    .derive({ as: "scoped" }, ({ request }) => ({ exchange: exchangeOf(request) }))
    .macro({
      scope: (scope: Scope | "any") => ({
        async resolve({ request }) {
          const actor = await admit(keeping, request, exchangeOf(request));
          if (scope !== "any") demand(actor, scope);
          return { actor };
        },
      }),
    });
}

export type Gate = ReturnType<typeof gate>;

/** @throws Refusal `unauthorized`, `rate_limited` */
async function admit(keeping: GateKeeping, request: Request, exchange: Exchange): Promise<Actor> {
  const actor = await limitFailures(keeping.failures, exchange, () =>
    keeping.vault.authenticate(request.headers.get("x-api-key"), exchange.address),
  );
  exchange.actor = actor;
  const wait = keeping.requests.take(actor.id);
  if (wait > 0) throw tooMany("This key sends too many requests", wait);
  return actor;
}

/**
 * Slows guessing down: an address that keeps failing is told to wait. A right secret always passes, so that nobody
 * is locked out by others behind the same address.
 */
export async function limitFailures<T>(failures: RateLimit, { address }: Exchange, check: () => Promise<T>) {
  try {
    return await check();
  } catch (error) {
    const wait = error instanceof Refusal && error.kind === "unauthorized" ? failures.take(address ?? "") : 0;
    throw wait > 0 ? tooMany("Too many failed attempts from this address", wait) : error;
  }
}

function tooMany(what: string, retryAfterSeconds: number): Refusal {
  return new Refusal("rate_limited", `${what}; try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
}

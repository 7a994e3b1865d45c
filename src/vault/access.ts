import { timingSafeEqual } from "node:crypto";
import type { ApiKey, Repository, Scope } from "../database/repository";
import { Refusal } from "../errors";
import { randomHex, secret, sha256Hex } from "./names";
import type { Actor } from "./vault";

export const ALL_SCOPES: readonly Scope[] = ["read", "write", "delete", "admin"];

const KEY_START = "smz_";
const KEY_DIGITS = 40;
/** What of a key is shown in lists. */
const PREFIX_LENGTH = KEY_START.length + 6;
/** `lastUsedAt` is for people: a write each minute is enough. */
const TOUCH_MS = 60_000;

const SETUP_SETTING = "setup_token";
const SETUP_TTL_MS = 24 * 3_600_000;

/** @throws Refusal `forbidden` */
export function demand(actor: Actor, scope: Scope): void {
  if (actor.scopes.includes(scope)) return;
  throw new Refusal("forbidden", `This key may not do that: it lacks the scope "${scope}".`, { scope });
}

/** Keys: who may do what. Only their hashes are kept. */
export class Access {
  constructor(private readonly repository: Repository) {}

  /** @throws Refusal `unauthorized`, the same sentence whatever is wrong with the key */
  async authenticate(presented: string | null, origin: string | null): Promise<Actor> {
    const now = new Date();
    const hash = sha256Hex(presented ?? "");
    const key = presented ? await this.repository.keyByHash(hash) : null;
    if (!key || !sameHash(key.hash, hash) || !isLive(key, now)) {
      throw new Refusal("unauthorized", "Send a valid API key in the x-api-key header.");
    }
    if (now.getTime() - (key.lastUsedAt?.getTime() ?? 0) > TOUCH_MS) {
      await this.repository.updateKey(key.spaceId, key.id, { lastUsedAt: now });
    }
    return { id: key.id, spaceId: key.spaceId, scopes: key.scopes, origin };
  }

  async create(
    spaceId: string,
    wish: { name: string; scopes?: readonly Scope[]; expiresAt?: Date | null },
  ): Promise<{ key: string; row: ApiKey }> {
    const name = wish.name.trim();
    if (name === "" || name.length > 100) {
      throw new Refusal("bad_parameter", "A key needs a name of 1 to 100 characters.");
    }
    if (wish.expiresAt && !(wish.expiresAt > new Date())) {
      throw new Refusal("bad_parameter", "The expiry of a key must be a time in the future.");
    }
    const made = newKey(spaceId, name, scopesOf(wish.scopes), wish.expiresAt ?? null);
    await this.repository.createKey(made.row);
    return made;
  }

  async revoke(spaceId: string, id: string): Promise<ApiKey> {
    const key = await this.#find(spaceId, id);
    // The first time is the true one.
    if (key.revokedAt) return key;
    return (await this.repository.updateKey(spaceId, id, { revokedAt: new Date() })) ?? key;
  }

  /** A successor with the same name, scopes and expiry; the old key is dead at once. */
  async rotate(spaceId: string, id: string): Promise<{ key: string; row: ApiKey }> {
    const old = await this.#find(spaceId, id);
    const made = newKey(spaceId, old.name, old.scopes, old.expiresAt);
    if (await this.repository.rotateKey(spaceId, id, made.row, made.row.createdAt)) return made;
    throw new Refusal("conflict", `The key ${id} is revoked or expired already; create a new one.`);
  }

  async #find(spaceId: string, id: string): Promise<ApiKey> {
    const key = (await this.repository.keys(spaceId)).find((candidate) => candidate.id === id);
    if (key) return key;
    throw new Refusal("not_found", `There is no key ${id} in this space.`);
  }

  /** Makes a one-time token for the setup link; an older one is void. */
  async offerSetup(spaceId: string): Promise<string> {
    const token = secret(32);
    const offer = { hash: sha256Hex(token), spaceId, expires: Date.now() + SETUP_TTL_MS };
    await this.repository.setSetting(SETUP_SETTING, JSON.stringify(offer));
    return token;
  }

  async redeemSetup(token: string): Promise<{ key: string; row: ApiKey }> {
    const stored = await this.repository.setting(SETUP_SETTING);
    const offer = stored ? (JSON.parse(stored) as { hash: string; spaceId: string; expires: number }) : null;
    const valid = stored && offer && sameHash(offer.hash, sha256Hex(token)) && offer.expires > Date.now();
    if (!valid || !(await this.repository.takeSetting(SETUP_SETTING, stored))) {
      throw new Refusal(
        "unauthorized",
        "This setup link was used already or has expired; make a key with `smallest keys create`.",
      );
    }
    return this.create(offer.spaceId, { name: "web page", scopes: ALL_SCOPES });
  }
}

function newKey(
  spaceId: string,
  name: string,
  scopes: readonly Scope[],
  expiresAt: Date | null,
): { key: string; row: ApiKey } {
  const key = KEY_START + secret(KEY_DIGITS);
  const row: ApiKey = {
    id: randomHex(12),
    spaceId,
    name,
    prefix: key.slice(0, PREFIX_LENGTH),
    hash: sha256Hex(key),
    scopes: [...scopes],
    createdAt: new Date(),
    expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  };
  return { key, row };
}

function scopesOf(wished: readonly Scope[] | undefined): readonly Scope[] {
  if (!wished) return ["read", "write", "delete"];
  const unknown = wished.filter((scope) => !ALL_SCOPES.includes(scope));
  if (unknown.length > 0 || wished.length === 0) {
    throw new Refusal("bad_parameter", `Scopes are any of ${ALL_SCOPES.join(", ")}.`, { known: ALL_SCOPES });
  }
  return ALL_SCOPES.filter((scope) => wished.includes(scope));
}

function isLive(key: ApiKey, now: Date): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

import { and, asc, eq, gt, isNull, or } from "drizzle-orm";
import type { Connection } from "../dialects/connection";
import type { ApiKey, Repository } from "../repository";
import { changesNothing } from "./rows";

type KeyQueries = Pick<Repository, "createKey" | "keyByHash" | "keys" | "updateKey" | "rotateKey">;

export function keyQueries({ read, write, schema }: Connection): KeyQueries {
  const { keys } = schema;

  function keyOf(spaceId: string, id: string) {
    return and(eq(keys.spaceId, spaceId), eq(keys.id, id));
  }

  return {
    async createKey(key) {
      await write((db) => db.insert(keys).values(key));
    },

    async keyByHash(hash) {
      const [row] = await read((db) => db.select().from(keys).where(eq(keys.hash, hash)));
      return row ?? null;
    },

    keys(spaceId) {
      return read((db) =>
        db.select().from(keys).where(eq(keys.spaceId, spaceId)).orderBy(asc(keys.createdAt), asc(keys.id)),
      );
    },

    async updateKey(spaceId, id, change) {
      const [row]: ApiKey[] = changesNothing(change)
        ? await read((db) => db.select().from(keys).where(keyOf(spaceId, id)))
        : await write((db) => db.update(keys).set(change).where(keyOf(spaceId, id)).returning());
      return row ?? null;
    },

    rotateKey(spaceId, id, successor, now) {
      return write(async (db) => {
        const live = and(
          keyOf(spaceId, id),
          isNull(keys.revokedAt),
          or(isNull(keys.expiresAt), gt(keys.expiresAt, now)),
        );
        const revoked = await db.update(keys).set({ revokedAt: now }).where(live).returning({ id: keys.id });
        if (revoked.length === 0) return false;
        await db.insert(keys).values(successor);
        return true;
      });
    },
  };
}

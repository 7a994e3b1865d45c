import { and, asc, eq, gt, inArray, lt, ne, notExists, or, sql } from "drizzle-orm";
import type { Connection, Queries, Schema } from "../dialects/connection";
import type { Repository } from "../repository";
import { chunks } from "./rows";

type ObjectQueries = Pick<
  Repository,
  "reserveObjects" | "abandonObjects" | "garbage" | "forgetGarbage" | "liveObjects"
>;

export function objectQueries({ read, write, schema }: Connection): ObjectQueries {
  const { objects, files, parts } = schema;

  return {
    async reserveObjects(owner, objectKeys, now) {
      await write((db) =>
        putObjects(
          db,
          schema,
          [...new Set(objectKeys)].map((key) => ({ key, state: "reserved", owner, since: now })),
        ),
      );
    },

    async abandonObjects(objectKeys) {
      await write(async (db) => {
        for (const some of chunks(objectKeys)) {
          await db.update(objects).set({ state: "garbage" }).where(inArray(objects.key, some));
        }
      });
    },

    async garbage(owner, staleBefore, limit) {
      const abandoned = or(
        eq(objects.state, "garbage"),
        lt(objects.since, staleBefore),
        owner === null ? undefined : ne(objects.owner, owner),
      );
      // Two files may have come to share an object; it is garbage only once nothing refers to it.
      const rows = await read((db) =>
        db
          .select({ key: objects.key })
          .from(objects)
          .where(
            and(
              abandoned,
              notExists(db.select({ key: files.objectKey }).from(files).where(eq(files.objectKey, objects.key))),
              notExists(db.select({ key: parts.objectKey }).from(parts).where(eq(parts.objectKey, objects.key))),
            ),
          )
          .orderBy(asc(objects.since), asc(objects.key))
          .limit(limit),
      );
      return rows.map((row) => row.key);
    },

    async forgetGarbage(objectKeys) {
      await write((db) => clearObjects(db, schema, objectKeys));
    },

    liveObjects(afterKey, limit) {
      return read((db) =>
        db
          .select({ key: files.objectKey, bytes: files.objectBytes })
          .from(files)
          .where(afterKey === null ? undefined : gt(files.objectKey, afterKey))
          .union(
            db
              .select({ key: parts.objectKey, bytes: parts.objectBytes })
              .from(parts)
              .where(afterKey === null ? undefined : gt(parts.objectKey, afterKey)),
          )
          .orderBy(sql`1`)
          .limit(limit),
      );
    },
  };
}

/** Notes that these objects are needed no longer. */
export async function discardObjects(
  db: Queries,
  schema: Schema,
  keys: readonly string[],
  now: Date,
): Promise<void> {
  await putObjects(
    db,
    schema,
    [...new Set(keys)].map((key) => ({ key, state: "garbage", owner: null, since: now })),
  );
}

/** Forgets reservations and garbage of these keys. */
export async function clearObjects(db: Queries, { objects }: Schema, keys: readonly string[]): Promise<void> {
  for (const some of chunks(keys)) await db.delete(objects).where(inArray(objects.key, some));
}

async function putObjects(db: Queries, { objects }: Schema, rows: (typeof objects.$inferInsert)[]): Promise<void> {
  for (const some of chunks(rows)) {
    await db
      .insert(objects)
      .values(some)
      .onConflictDoUpdate({
        target: objects.key,
        set: { state: sql`excluded.state`, owner: sql`excluded.owner`, since: sql`excluded.since` },
      });
  }
}

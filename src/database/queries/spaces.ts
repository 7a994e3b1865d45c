import { and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Connection, Queries, Schema } from "../dialects/connection";
import type { Repository } from "../repository";
import { changesNothing } from "./rows";

type SpaceQueries = Pick<Repository, "createSpace" | "spaces" | "space" | "updateSpace" | "spendCredit">;

export function spaceQueries({ read, write, schema }: Connection): SpaceQueries {
  const { spaces } = schema;

  async function space(id: string) {
    const [row] = await read((db) => db.select().from(spaces).where(eq(spaces.id, id)));
    return row ?? null;
  }

  return {
    space,

    async createSpace(row) {
      await write((db) => db.insert(spaces).values(row));
    },

    spaces() {
      return read((db) => db.select().from(spaces).orderBy(asc(spaces.createdAt), asc(spaces.id)));
    },

    async updateSpace(id, change) {
      if (changesNothing(change)) return space(id);
      const [row] = await write((db) => db.update(spaces).set(change).where(eq(spaces.id, id)).returning());
      return row ?? null;
    },

    spendCredit(spaceId) {
      return write((db) => takeCredit(db, schema, spaceId));
    },
  };
}

/** Takes one credit inside a transaction; false when there is none. Without limit (null) it stays so. */
export async function takeCredit(db: Queries, { spaces }: Schema, spaceId: string): Promise<boolean> {
  const hasCredit = or(isNull(spaces.credits), gt(spaces.credits, 0));
  const taken = await db
    .update(spaces)
    .set({ credits: sql`${spaces.credits} - 1` })
    .where(and(eq(spaces.id, spaceId), hasCredit))
    .returning({ id: spaces.id });
  return taken.length > 0;
}

import { and, eq, sql } from "drizzle-orm";
import type { Connection } from "../dialects/connection";
import type { Repository } from "../repository";

type SettingQueries = Pick<Repository, "setting" | "setSetting" | "takeSetting" | "ping">;

export function settingQueries({ read, write, schema }: Connection): SettingQueries {
  const { settings } = schema;

  async function setting(name: string): Promise<string | null> {
    const [row] = await read((db) => db.select().from(settings).where(eq(settings.name, name)));
    return row?.value ?? null;
  }

  return {
    setting,

    async setSetting(name, value) {
      await write(async (db) => {
        if (value === null) {
          await db.delete(settings).where(eq(settings.name, name));
        } else {
          await db
            .insert(settings)
            .values({ name, value })
            .onConflictDoUpdate({ target: settings.name, set: { value: sql`excluded.value` } });
        }
      });
    },

    async takeSetting(name, value) {
      const taken = await write((db) =>
        db
          .delete(settings)
          .where(and(eq(settings.name, name), eq(settings.value, value)))
          .returning({ name: settings.name }),
      );
      return taken.length > 0;
    },

    async ping() {
      await setting("ping");
    },
  };
}

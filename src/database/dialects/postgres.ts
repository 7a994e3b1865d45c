import { drizzle } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { translateError } from "../errors";
import { CREATE_MIGRATIONS_TABLE, type Migration, pendingMigrations } from "../migrations";
import * as schema from "../schema/postgres";
import type { Connection, Queries, Schema } from "./connection";

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_SECONDS = 10;
const CLOSE_TIMEOUT_SECONDS = 5;
/** Any number will do, as long as every instance uses the same: two that start at once migrate one by one. */
const MIGRATION_LOCK = 0x736d616c;

/**
 * Connects to a PostgreSQL database and migrates it.
 * @throws Refusal `conflict` for a database of a newer program, `storage_unavailable`
 */
export async function connectPostgres(url: string, migrations: readonly Migration[]): Promise<Connection> {
  const client = postgres(url, {
    max: POOL_SIZE,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    connection: { application_name: "smallest", TimeZone: "UTC" },
    onnotice: () => undefined,
  });
  try {
    await migrate(client, migrations);
    return connectionOver(client);
  } catch (error) {
    await client.end({ timeout: CLOSE_TIMEOUT_SECONDS });
    throw translateError(error);
  }
}

function connectionOver(client: Sql): Connection {
  const database = drizzle(client, { casing: "snake_case" });

  return {
    dialect: "postgres",
    schema: schema as unknown as Schema,

    async read(work) {
      try {
        return await work(database as unknown as Queries);
      } catch (error) {
        throw translateError(error);
      }
    },

    async write(work) {
      try {
        return await database.transaction((transaction) => work(transaction as unknown as Queries));
      } catch (error) {
        throw translateError(error);
      }
    },

    forUpdate<Q>(query: Q): Q {
      return (query as unknown as { for(strength: "update"): Q }).for("update");
    },

    async close() {
      await client.end({ timeout: CLOSE_TIMEOUT_SECONDS });
    },
  };
}

async function migrate(client: Sql, migrations: readonly Migration[]): Promise<void> {
  await client.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await transaction.unsafe(CREATE_MIGRATIONS_TABLE);
    const applied = await transaction<{ name: string }[]>`SELECT name FROM schema_migrations ORDER BY name`;
    const pending = pendingMigrations(
      migrations,
      applied.map((row) => row.name),
    );
    for (const { name, sql } of pending) {
      await transaction.unsafe(sql);
      await transaction`INSERT INTO schema_migrations VALUES (${name}, ${new Date().toISOString()})`;
    }
  });
}

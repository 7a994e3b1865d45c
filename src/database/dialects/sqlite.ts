import { Database } from "bun:sqlite";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { Refusal } from "../../errors";
import { translateError } from "../errors";
import { CREATE_MIGRATIONS_TABLE, type Migration, pendingMigrations } from "../migrations";
import * as schema from "../schema/sqlite";
import type { Connection, Queries } from "./connection";

/** How long a write waits for another process that holds the file, such as the command line. */
const LOCK_WAIT_MS = 15_000;
const LOCK_POLL_MS = 5;

/**
 * Opens or creates the database file, migrated.
 * @throws Refusal `conflict` for a file of a newer program, `damaged`, `storage_unavailable`, `disk_full`
 */
export async function connectSqlite(path: string, migrations: readonly Migration[]): Promise<Connection> {
  try {
    const writer = openFile(path);
    try {
      await migrate(writer, path, migrations);
      return connectionOver(writer, openReader(path));
    } catch (error) {
      writer.close();
      throw error;
    }
  } catch (error) {
    throw translateError(error);
  }
}

function connectionOver(writer: Database, reader: Database): Connection {
  const writeQueries: Queries = drizzle(writer, { schema, casing: "snake_case" });
  const readQueries: Queries = drizzle(reader, { schema, casing: "snake_case" });
  /** The last write that was asked for: writes follow each other, since they share one connection. */
  let lastWrite: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new Refusal("shutting_down", "The database has been closed.");
    try {
      return await work();
    } catch (error) {
      throw translateError(error);
    }
  }

  return {
    dialect: "sqlite",
    schema,

    read(work) {
      return whileOpen(() => work(readQueries));
    },

    write(work) {
      const result = lastWrite.then(() => whileOpen(() => immediately(writer, () => work(writeQueries))));
      lastWrite = result.catch(() => undefined);
      return result;
    },

    /** `BEGIN IMMEDIATE` holds the whole file already. */
    forUpdate<Q>(query: Q): Q {
      return query;
    },

    async close() {
      await lastWrite;
      if (closed) return;
      closed = true;
      // Statements that are not collected yet keep the file open beyond close(); the log is emptied regardless.
      writer.run("PRAGMA wal_checkpoint(TRUNCATE)");
      reader.close();
      writer.close();
    },
  };
}

function openFile(path: string): Database {
  mkdirSync(dirname(path), { recursive: true });
  const isNew = !existsSync(path);
  const writer = new Database(path, { create: true, readwrite: true });
  // It holds hashes of keys and settings; SQLite gives the log beside it the same mode.
  if (isNew) chmodSync(path, 0o600);
  writer.run("PRAGMA busy_timeout = 5000");
  writer.run("PRAGMA journal_mode = WAL");
  writer.run("PRAGMA synchronous = FULL");
  writer.run("PRAGMA foreign_keys = ON");
  // From here on `immediately` waits for locks: SQLite's own waiting would stop every other request meanwhile.
  writer.run("PRAGMA busy_timeout = 0");
  return writer;
}

/** Reads have a connection of their own, so that they never see a half-done transaction. */
function openReader(path: string): Database {
  const reader = new Database(path, { readwrite: true });
  reader.run("PRAGMA busy_timeout = 5000");
  reader.run("PRAGMA query_only = ON");
  return reader;
}

/** Runs `work` in a transaction that is granted its lock before it starts, so that it cannot fail for one later. */
async function immediately<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await begin(database);
  try {
    const result = await work();
    database.run("COMMIT");
    return result;
  } catch (error) {
    // SQLite itself rolls back on some errors (a full disk).
    if (database.inTransaction) database.run("ROLLBACK");
    throw error;
  }
}

async function begin(database: Database): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      database.run("BEGIN IMMEDIATE");
      return;
    } catch (error) {
      const locked = String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY");
      if (!locked || Date.now() > deadline) throw error;
      await Bun.sleep(LOCK_POLL_MS);
    }
  }
}

async function migrate(database: Database, path: string, migrations: readonly Migration[]): Promise<void> {
  const before = appliedMigrations(database);
  const pending = pendingMigrations(migrations, before);
  if (pending.length === 0) return;
  if (before.length > 0) snapshot(database, `${path}.before-${pending[0]!.name}`);
  await immediately(database, async () => {
    database.run(CREATE_MIGRATIONS_TABLE);
    // Asked again: another process may have migrated while this one waited for the lock.
    for (const { name, sql } of pendingMigrations(migrations, appliedMigrations(database))) {
      database.run(sql);
      database.run("INSERT INTO schema_migrations VALUES (?, ?)", [name, new Date().toISOString()]);
    }
  });
}

function appliedMigrations(database: Database): string[] {
  const table = database.query("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").get();
  if (table === null) return [];
  return database
    .query<{ name: string }, []>("SELECT name FROM schema_migrations ORDER BY name")
    .all()
    .map((row) => row.name);
}

/** A whole copy beside the database, there only once complete. */
function snapshot(database: Database, path: string): void {
  const unfinished = `${path}.part`;
  rmSync(unfinished, { force: true });
  database.run("VACUUM INTO ?", [unfinished]);
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, path);
}

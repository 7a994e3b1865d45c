import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import type * as sqlite from "../schema/sqlite";

export type Schema = typeof sqlite;

/**
 * The query builder, typed on SQLite; `schema/parity.ts` proves that PostgreSQL's rows are the same. Queries are
 * always awaited: `.get()` and `.all()` exist in SQLite only.
 */
export type Queries = Pick<BunSQLiteDatabase<Schema>, "select" | "insert" | "update" | "delete">;

/** One database in one dialect. Errors come out translated: see `errors.ts`. */
export interface Connection {
  readonly dialect: "sqlite" | "postgres";
  readonly schema: Schema;
  /** Runs queries that change nothing; each sees what was committed before it. */
  read<T>(work: (db: Queries) => Promise<T>): Promise<T>;
  /** Runs queries as one transaction, rolled back when `work` throws. `work` must await nothing but queries. */
  write<T>(work: (db: Queries) => Promise<T>): Promise<T>;
  /** Makes a select inside `write` hold its rows until the transaction ends. */
  forUpdate<Q>(query: Q): Q;
  close(): Promise<void>;
}

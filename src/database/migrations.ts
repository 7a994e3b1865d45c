import postgresInitial from "../../migrations/postgres/0000_initial.sql" with { type: "text" };
import postgresSketches from "../../migrations/postgres/0001_sketches.sql" with { type: "text" };
import postgresExcerpts from "../../migrations/postgres/0002_excerpts.sql" with { type: "text" };
import postgresPriors from "../../migrations/postgres/0003_priors.sql" with { type: "text" };
import postgresPartSizes from "../../migrations/postgres/0004_part_sizes.sql" with { type: "text" };
import sqliteInitial from "../../migrations/sqlite/0000_initial.sql" with { type: "text" };
import sqliteSketches from "../../migrations/sqlite/0001_sketches.sql" with { type: "text" };
import sqliteExcerpts from "../../migrations/sqlite/0002_excerpts.sql" with { type: "text" };
import sqlitePriors from "../../migrations/sqlite/0003_priors.sql" with { type: "text" };
import sqlitePartSizes from "../../migrations/sqlite/0004_part_sizes.sql" with { type: "text" };
import { Refusal } from "../errors";

export interface Migration {
  /** Its file's name without `.sql`. */
  readonly name: string;
  readonly sql: string;
}

/**
 * Every migration, in order, by import, so that the executable carries them. drizzle-kit writes the files
 * (`npm run migrations`); a test holds that these lists equal the folders.
 */
export const MIGRATIONS: Readonly<Record<"sqlite" | "postgres", readonly Migration[]>> = {
  sqlite: [
    { name: "0000_initial", sql: sqliteInitial },
    { name: "0001_sketches", sql: sqliteSketches },
    { name: "0002_excerpts", sql: sqliteExcerpts },
    { name: "0003_priors", sql: sqlitePriors },
    { name: "0004_part_sizes", sql: sqlitePartSizes },
  ],
  postgres: [
    { name: "0000_initial", sql: postgresInitial },
    { name: "0001_sketches", sql: postgresSketches },
    { name: "0002_excerpts", sql: postgresExcerpts },
    { name: "0003_priors", sql: postgresPriors },
    { name: "0004_part_sizes", sql: postgresPartSizes },
  ],
};

/** Where a database remembers which migrations it has had; the same statement in both dialects. */
export const CREATE_MIGRATIONS_TABLE =
  "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY NOT NULL, applied_at text NOT NULL)";

/**
 * The migrations that a database still lacks.
 * @throws Refusal `conflict` when it has had one that this program does not know
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly string[]): Migration[] {
  const names = new Set(known.map((migration) => migration.name));
  const newer = applied.find((name) => !names.has(name));
  if (newer !== undefined) {
    throw new Refusal(
      "conflict",
      `This data directory was written by a newer version of smallest (it has had migration ${newer}). ` +
        "Start that version, or restore a backup from before the upgrade.",
    );
  }
  return known.filter((migration) => !applied.includes(migration.name));
}

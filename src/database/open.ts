import { Refusal } from "../errors";
import type { Connection } from "./dialects/connection";
import { connectPostgres } from "./dialects/postgres";
import { connectSqlite } from "./dialects/sqlite";
import { MIGRATIONS } from "./migrations";
import { auditQueries } from "./queries/audit";
import { fileQueries } from "./queries/files";
import { jobQueries } from "./queries/jobs";
import { keyQueries } from "./queries/keys";
import { objectQueries } from "./queries/objects";
import { settingQueries } from "./queries/settings";
import { spaceQueries } from "./queries/spaces";
import { uploadQueries } from "./queries/uploads";
import type { Repository } from "./repository";

/**
 * Opens the database at `url` and brings it up to date: a file (`PATH` or `sqlite:PATH`, created with its folder
 * where there is none) or a PostgreSQL database (`postgres://user:password@host:port/name`).
 * @throws Refusal `bad_parameter` for another kind of URL; `conflict` when a newer program wrote it; `damaged`,
 *   `storage_unavailable`, `busy` or `disk_full`
 */
export async function openDatabase(url: string): Promise<Repository> {
  const connection = await connect(url);
  return {
    dialect: connection.dialect,
    ...spaceQueries(connection),
    ...keyQueries(connection),
    ...uploadQueries(connection),
    ...fileQueries(connection),
    ...objectQueries(connection),
    ...jobQueries(connection),
    ...settingQueries(connection),
    ...auditQueries(connection),
    close: () => connection.close(),
  };
}

function connect(url: string): Promise<Connection> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === "postgres" || scheme === "postgresql") return connectPostgres(url, MIGRATIONS.postgres);
  if (scheme === "sqlite") return connectSqlite(url.slice("sqlite:".length), MIGRATIONS.sqlite);
  if (scheme !== undefined && url.includes("://")) {
    throw new Refusal("bad_parameter", `There is no database for ${scheme}: URLs; use a file or postgres://.`);
  }
  return connectSqlite(url, MIGRATIONS.sqlite);
}

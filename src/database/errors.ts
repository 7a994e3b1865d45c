import { Refusal } from "../errors";

/** SQLite result codes and PostgreSQL SQLSTATEs (and socket errors) that a person can act on. */
const MEANINGS: readonly [pattern: RegExp, refusal: () => Refusal][] = [
  [
    /^(SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)|23505)$/,
    () => new Refusal("conflict", "An entry with this identity exists already."),
  ],
  [
    /^(SQLITE_CONSTRAINT_FOREIGNKEY|23503)$/,
    () => new Refusal("conflict", "What this entry refers to does not exist (any more)."),
  ],
  [
    /^(SQLITE_FULL|53100)$/,
    () => new Refusal("disk_full", "The disk that holds the database is full; free some space and try again."),
  ],
  [
    /^(SQLITE_BUSY|SQLITE_LOCKED|40001|40P01|55P03|53300)/,
    () => new Refusal("busy", "The database is busy with other work; try again shortly."),
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB|XX001|XX002)/,
    () => new Refusal("damaged", "The database is damaged or not a database; restore it from a backup."),
  ],
  [
    /^(SQLITE_CANTOPEN|SQLITE_IOERR|SQLITE_READONLY|SQLITE_PERM|EACCES|EEXIST|EROFS|ENOTDIR|EISDIR)/,
    () =>
      new Refusal("storage_unavailable", "The database file cannot be read and written; check its permissions."),
  ],
  [
    /^(CONNECT_TIMEOUT|CONNECTION_(CLOSED|DESTROYED)|ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|FailedToOpenSocket|57P0|08)/,
    () => new Refusal("storage_unavailable", "The database server cannot be reached."),
  ],
  [
    /^(28|3D000)/,
    () => new Refusal("storage_unavailable", "The database server refused the user, password or database name."),
  ],
  [/^CONNECTION_ENDED$/, () => new Refusal("shutting_down", "The database has been closed.")],
];

/** The refusal that a driver's error amounts to, or the error itself. Drizzle wraps the driver's as `cause`. */
export function translateError(error: unknown): unknown {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof Refusal) return inner;
    const { code } = inner as { code?: unknown };
    if (typeof code !== "string") continue;
    const meaning = MEANINGS.find(([pattern]) => pattern.test(code));
    if (meaning) return Object.assign(meaning[1](), { cause: error });
  }
  return error;
}

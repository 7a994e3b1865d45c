import { Database } from "bun:sqlite";
import { join } from "node:path";
import { Refusal } from "../errors";

/**
 * Holds a data directory for one running server. A lock of the operating system (through SQLite), so that it
 * falls with the process however that ends: no stale lock files.
 * @throws Refusal `conflict` when another server holds it
 */
export function lockDataDirectory(directory: string): { release(): void } {
  const database = new Database(join(directory, "server.lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;");
  } catch {
    database.close();
    throw new Refusal(
      "conflict",
      `Another server is running on ${directory}; stop it first or choose another --data.`,
    );
  }
  return { release: () => database.close() };
}

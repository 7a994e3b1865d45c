import { describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import postgres from "postgres";
import { connectPostgres } from "./dialects/postgres";
import { connectSqlite } from "./dialects/sqlite";
import { freshPostgres, freshSqlite, POSTGRES_SERVER } from "./fixtures";
import { MIGRATIONS } from "./migrations";
import { openDatabase } from "./open";

const FOLDER = join(import.meta.dir, "../../migrations");

describe.each(["sqlite", "postgres"] as const)("the %s migrations of the program", (dialect) => {
  test("are those of the folder, in its order", () => {
    const files = readdirSync(join(FOLDER, dialect))
      .filter((name) => name.endsWith(".sql"))
      .sort();
    const texts = files.map((name) => ({
      name: name.replace(/\.sql$/, ""),
      sql: readFileSync(join(FOLDER, dialect, name), "utf8"),
    }));
    expect(MIGRATIONS[dialect]).toEqual(texts);
  });

  test("lead to the schema of the program: drizzle-kit finds nothing to add", async () => {
    const copy = mkdtempSync(join(tmpdir(), "smallest-migrations-"));
    cpSync(join(FOLDER, dialect), copy, { recursive: true });
    const root = join(FOLDER, "..");
    const out = relative(root, copy);
    const child = Bun.spawn(
      [
        ...[process.execPath, "node_modules/.bin/drizzle-kit", "generate", "--casing", "snake_case", "--out", out],
        ...["--dialect", dialect === "postgres" ? "postgresql" : dialect],
        ...["--schema", `src/database/schema/${dialect}.ts`],
      ],
      { cwd: root, stdout: "pipe", stderr: "pipe" },
    );
    expect(await new Response(child.stdout).text()).toContain("No schema changes");
    expect(await child.exited).toBe(0);
    expect(readdirSync(copy)).toEqual(readdirSync(join(FOLDER, dialect)));
    rmSync(copy, { recursive: true });
  }, 30_000);
});

const FUTURE = { name: "9999_future", sql: "CREATE TABLE future (id text)" };

test("a SQLite database of a newer program is refused, unchanged", async () => {
  const database = await freshSqlite();
  await (await connectSqlite(database.url, [...MIGRATIONS.sqlite, FUTURE])).close();
  await expect(openDatabase(database.url)).rejects.toMatchObject({
    kind: "conflict",
    message: expect.stringContaining("written by a newer version"),
  });
  await database.drop();
});

describe.skipIf(!POSTGRES_SERVER)("PostgreSQL", () => {
  test("of a newer program is refused", async () => {
    const database = await freshPostgres();
    await (await connectPostgres(database.url, [...MIGRATIONS.postgres, FUTURE])).close();
    await expect(openDatabase(database.url)).rejects.toMatchObject({ kind: "conflict" });
    await database.drop();
  });

  test("takes a migration whole or not at all", async () => {
    const database = await freshPostgres();
    await (await openDatabase(database.url)).close();
    const broken = { name: "9999_broken", sql: "CREATE TABLE one (id text); CREATE TABLE spaces (id text);" };
    await expect(connectPostgres(database.url, [...MIGRATIONS.postgres, broken])).rejects.toThrow();
    const sql = postgres(database.url, { max: 1 });
    expect([...(await sql`SELECT to_regclass('one') AS one`)]).toEqual([{ one: null }]);
    const applied = MIGRATIONS.postgres.map(({ name }) => ({ name }));
    expect([...(await sql`SELECT name FROM schema_migrations ORDER BY name`)]).toEqual(applied);
    await sql.end();
    await database.drop();
  });

  test("is found again after its connections were cut", async () => {
    const database = await freshPostgres();
    const repository = await openDatabase(database.url);
    await repository.setSetting("a", "b");
    const sql = postgres(database.url, { max: 1 });
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    await sql.end();
    await Bun.sleep(100);
    expect(await repository.setting("a")).toBe("b");
    await repository.setSetting("a", "c");
    expect(await repository.setting("a")).toBe("c");
    await repository.close();
    await database.drop();
  });

  test("that cannot be reached, or has no such database, is a refusal without the password", async () => {
    const nobody = openDatabase("postgres://user:s3cret@127.0.0.1:1/name");
    await expect(nobody).rejects.toMatchObject({ kind: "storage_unavailable" });
    expect(await nobody.catch((error) => error.message)).not.toContain("s3cret");
    const missing = new URL("/no_such_database", POSTGRES_SERVER);
    await expect(openDatabase(missing.href)).rejects.toMatchObject({ kind: "storage_unavailable" });
  });
});

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aFile, anAudit, aPart, aSpace, type FreshDatabase, freshSqlite } from "../fixtures";
import { MIGRATIONS } from "../migrations";
import { openDatabase } from "../open";
import { connectSqlite } from "./sqlite";

let database: FreshDatabase;
beforeEach(async () => void (database = await freshSqlite()));
afterEach(() => database.drop());

/** Looks at the file as another program would. */
function inspect<T>(look: (raw: Database) => T): T {
  const raw = new Database(database.url);
  try {
    return look(raw);
  } finally {
    raw.close();
  }
}

describe("opening", () => {
  test("creates the folder and a file that only its owner may read", async () => {
    const path = join(database.url, "..", "deep", "er", "smallest.db");
    const repository = await openDatabase(`sqlite:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await repository.close();
  });

  test("writes durably and ahead of the file", async () => {
    const repository = await openDatabase(database.url);
    expect(inspect((raw) => raw.query("PRAGMA journal_mode").get())).toEqual({ journal_mode: "wal" });
    await repository.close();
    expect(existsSync(`${database.url}-wal`) && statSync(`${database.url}-wal`).size > 0).toBe(false);
  });

  test("refuses what is no database, damaged, not to be opened, or of another kind", async () => {
    writeFileSync(database.url, "This is a shopping list, not a database, and long enough to be sure.".repeat(20));
    await expect(openDatabase(database.url)).rejects.toMatchObject({ kind: "damaged" });
    await expect(openDatabase(join(database.url, "below-a-file.db"))).rejects.toMatchObject({
      kind: "storage_unavailable",
    });
    await expect(openDatabase("mysql://host/name")).rejects.toMatchObject({ kind: "bad_parameter" });
  });
});

describe("migrating", () => {
  const change = { name: "0001_add_note", sql: "ALTER TABLE spaces ADD note text;--> statement-breakpoint\n" };

  test("keeps a copy of the database as it was", async () => {
    const before = await openDatabase(database.url);
    await before.createSpace(aSpace("lab"));
    await before.close();
    await (await connectSqlite(database.url, [...MIGRATIONS.sqlite, change])).close();
    const copy = new Database(`${database.url}.before-0001_add_note`, { readonly: true });
    expect(copy.query("SELECT * FROM spaces").all()).toHaveLength(1);
    expect(Object.keys(copy.query("SELECT * FROM spaces").get() as object)).not.toContain("note");
    copy.close();
    expect(inspect((raw) => Object.keys(raw.query("SELECT * FROM spaces").get() as object))).toContain("note");
  });

  test("copies nothing when there is nothing to change, or nothing yet", async () => {
    await (await openDatabase(database.url)).close();
    await (await openDatabase(database.url)).close();
    expect(existsSync(`${database.url}.before-0000_initial`)).toBe(false);
  });

  test("that fails halfway changes nothing, and can be tried again", async () => {
    await (await openDatabase(database.url)).close();
    const broken = { name: change.name, sql: `${change.sql} CREATE TABLE spaces (id text);` };
    await expect(connectSqlite(database.url, [...MIGRATIONS.sqlite, broken])).rejects.toThrow();
    expect(inspect((raw) => raw.query("SELECT name FROM schema_migrations").all())).toEqual(
      MIGRATIONS.sqlite.map(({ name }) => ({ name })),
    );
    await (await connectSqlite(database.url, [...MIGRATIONS.sqlite, change])).close();
    expect(inspect((raw) => raw.query("SELECT name FROM schema_migrations").all())).toHaveLength(
      MIGRATIONS.sqlite.length + 1,
    );
  });
});

describe("a file that another process uses", () => {
  test("is waited for without stopping the reader", async () => {
    const repository = await openDatabase(database.url);
    const other = new Database(database.url);
    other.run("BEGIN IMMEDIATE");
    let written = false;
    const write = repository.setSetting("a", "b").then(() => void (written = true));
    await Bun.sleep(30);
    expect(await repository.setting("a")).toBeNull();
    expect(written).toBe(false);
    other.run("COMMIT");
    await write;
    expect(await repository.setting("a")).toBe("b");
    other.close();
    await repository.close();
  });
});

describe("a process that is killed", () => {
  const OPEN = join(import.meta.dir, "../open.ts");
  const FIXTURES = join(import.meta.dir, "../fixtures.ts");
  /** Commits and deletes without end; each line says that one commit was promised to be durable. */
  const program = `
    const { openDatabase } = await import(${JSON.stringify(OPEN)});
    const { aFile, anAudit, aPart, aSpace } = await import(${JSON.stringify(FIXTURES)});
    const repository = await openDatabase(process.argv.at(-1));
    const round = process.argv.at(-2);
    if (!(await repository.space("lab"))) await repository.createSpace(aSpace("lab", { credits: 1000000 }));
    for (let i = 0; ; i++) {
      const id = round + "-" + i;
      await repository.reserveObjects("child", ["files/" + id], new Date());
      await repository.commitUpload({
        file: aFile(id),
        newParts: Array.from({ length: 50 }, (_, p) => aPart(id + p)),
        usedParts: [],
        audit: anAudit("file.upload"),
      });
      process.stdout.write(id + "\\n");
      if (i % 3 === 2) await repository.deleteFile("lab", round + "-" + (i - 1), anAudit("file.delete"));
    }`;

  test("leaves every file that was promised, none by half, and a database that opens", async () => {
    for (const round of ["a", "b", "c"]) {
      const child = Bun.spawn([process.execPath, "-e", program, "--", round, database.url], { stdout: "pipe" });
      const promised: string[] = [];
      const enough = 4 + Math.floor(Math.random() * 5);
      let rest = "";
      for await (const chunk of child.stdout) {
        const lines = (rest + new TextDecoder().decode(chunk)).split("\n");
        rest = lines.pop()!;
        promised.push(...lines);
        if (promised.length >= enough) child.kill("SIGKILL");
      }
      await child.exited;
      expect(child.signalCode).toBe("SIGKILL");
      await expectConsistent(round, promised);
    }
  }, 60_000);

  async function expectConsistent(round: string, promised: string[]): Promise<void> {
    const repository = await openDatabase(database.url);
    const { files, usage } = await repository.files("lab", { limit: 10_000, offset: 0 });
    const kept = new Set(files.map((file) => file.id));
    const numbers = promised.map((id) => Number(id.split("-")[1]));
    for (const i of numbers) if (i % 3 !== 1) expect(kept).toContain(`${round}-${i}`);
    for (const id of kept) expect(await repository.part("lab", `${id}49`)).not.toBeNull();

    const audited = await repository.auditTrail({ limit: 100_000 });
    const uploads = audited.filter((entry) => entry.action === "file.upload").length;
    expect(usage.totalFiles).toBe(uploads - (audited.length - uploads));
    expect(await repository.space("lab")).toMatchObject({ credits: 1_000_000 - uploads });
    await repository.commitUpload({
      file: aFile(`after-${round}`),
      newParts: Array.from({ length: 50 }, (_, p) => aPart(`after-${round}${p}`)),
      usedParts: [],
      audit: anAudit("file.upload"),
    });
    await repository.close();

    inspect((raw) => {
      expect(raw.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      expect(raw.query("PRAGMA foreign_key_check").all()).toEqual([]);
    });
  }
});

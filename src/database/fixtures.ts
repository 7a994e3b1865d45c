/** What the tests of this room share: fresh databases of both dialects, and rows to put into them. */
import { afterEach, beforeEach, describe } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { openDatabase } from "./open";
import type {
  ApiKey,
  AuditEntry,
  CommitOutcome,
  FileQuery,
  Part,
  Repository,
  Space,
  StoredFile,
} from "./repository";

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A PostgreSQL server that tests may create databases on; the tests that need it are skipped without. */
export const POSTGRES_SERVER = process.env.SMALLEST_TEST_POSTGRES;

let serial = 0;

export async function freshSqlite(): Promise<FreshDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "smallest-database-"));
  return {
    url: join(folder, "smallest.db"),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function freshPostgres(): Promise<FreshDatabase> {
  const name = `test_${process.pid}_${++serial}`;
  const url = new URL(POSTGRES_SERVER!);
  await onServer((sql) => sql.unsafe(`CREATE DATABASE ${name}`));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer((sql) => sql.unsafe(`DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

async function onServer(work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(POSTGRES_SERVER!, { max: 1, onnotice: () => undefined });
  await work(sql);
  await sql.end();
}

export const NOW = new Date("2026-03-08T12:00:00.123Z");

/** `NOW` and some milliseconds. */
export function later(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

export function aSpace(id: string, change: Partial<Space> = {}): Space {
  return { id, name: `Space ${id}`, credits: null, quotaBytes: null, createdAt: NOW, ...change };
}

export function aKey(id: string, change: Partial<ApiKey> = {}): ApiKey {
  return {
    id,
    spaceId: "lab",
    name: `Key ${id}`,
    prefix: "smz_12",
    hash: `hash-${id}`,
    scopes: ["read", "write"],
    createdAt: NOW,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...change,
  };
}

export function aFile(id: string, change: Partial<StoredFile> = {}): StoredFile {
  return {
    id,
    spaceId: "lab",
    name: `${id}.fastq`,
    codec: "dna",
    format: "fastq",
    level: "balanced",
    params: { zeta: 1, alpha: ["x", null], text: 'é"\n' },
    lossless: true,
    originalBytes: 5_000_000_000,
    sha256: `sha-${id}`,
    contentBytes: 5_000_000_000,
    contentSha256: `sha-${id}`,
    mediaType: "text/plain",
    compressedBytes: 1_000,
    objectKey: `files/${id}`,
    objectBytes: 1_000,
    compressionTimeMs: 1420,
    report: { snr: 61.25, exact: true, method: "model" },
    fingerprint: `print-${id}`,
    createdAt: NOW,
    accessedAt: null,
    ...change,
  };
}

export function aPart(sha256: string, change: Partial<Part> = {}): Part {
  return {
    spaceId: "lab",
    sha256,
    bytes: 3_000_000_000,
    objectKey: `parts/${sha256}`,
    objectBytes: 77,
    prior: null,
    createdAt: NOW,
    ...change,
  };
}

export function anAudit(action: string, change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    at: NOW,
    spaceId: "lab",
    actor: "key1",
    action,
    target: null,
    origin: "192.0.2.7",
    outcome: "ok",
    details: null,
    ...change,
  };
}

/** A fresh database with a space `lab`, for one test, and short ways to fill it and look at it. */
export interface Lab {
  repository: Repository;
  readonly url: string;
  /** Another database of the same dialect. */
  fresh(): Promise<FreshDatabase>;
  /** Commits a file with parts that it brings (`fresh`) or finds (`used`). */
  commit(file: StoredFile, parts?: { fresh?: string[]; used?: string[] }): Promise<CommitOutcome>;
  /** Ids of the files in the list. */
  list(query?: Partial<FileQuery>): Promise<string[]>;
  /** Garbage as the instance `me` sees it. */
  garbage(): Promise<string[]>;
}

/** Runs the same tests on both dialects: what the repository promises, each must keep. */
export function onEachDialect(contract: (lab: Lab) => void): void {
  describe("sqlite", () => contract(equippedLab(freshSqlite)));
  describe.skipIf(!POSTGRES_SERVER)("postgres", () => contract(equippedLab(freshPostgres)));
}

function equippedLab(fresh: () => Promise<FreshDatabase>): Lab {
  let database: FreshDatabase;
  const lab: Lab = {
    repository: undefined as unknown as Repository,
    fresh,
    get url() {
      return database.url;
    },
    commit: (file, parts = {}) =>
      lab.repository.commitUpload({
        file,
        newParts: (parts.fresh ?? []).map((sha256) => aPart(sha256, { spaceId: file.spaceId })),
        usedParts: [...(parts.used ?? []), ...(parts.fresh ?? [])],
        audit: anAudit("file.upload", { target: file.id }),
      }),
    list: async (query = {}) =>
      (await lab.repository.files("lab", { limit: 50, offset: 0, ...query })).files.map((file) => file.id),
    garbage: () => lab.repository.garbage("me", new Date(0), 100),
  };

  beforeEach(async () => {
    database = await fresh();
    lab.repository = await openDatabase(database.url);
    await lab.repository.createSpace(aSpace("lab"));
  });

  afterEach(async () => {
    await lab.repository.close();
    await database.drop();
  });

  return lab;
}

import {
  foreignKey,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import type { ApiKey, AuditEntry, Job, StoredFile } from "../repository";

/** Milliseconds since 1970. */
const time = () => integer({ mode: "timestamp_ms" });
/** Bytes or a count; exact up to 2^53. */
const count = () => integer({ mode: "number" });
const json = <T>() => text({ mode: "json" }).$type<T>();

export const spaces = sqliteTable("spaces", {
  id: text().primaryKey(),
  name: text().notNull(),
  credits: count(),
  quotaBytes: count(),
  createdAt: time().notNull(),
});

export const keys = sqliteTable(
  "keys",
  {
    id: text().primaryKey(),
    spaceId: text()
      .notNull()
      .references(() => spaces.id),
    name: text().notNull(),
    prefix: text().notNull(),
    hash: text().notNull(),
    scopes: json<ApiKey["scopes"]>().notNull(),
    createdAt: time().notNull(),
    expiresAt: time(),
    lastUsedAt: time(),
    revokedAt: time(),
  },
  (table) => [uniqueIndex("keys_by_hash").on(table.hash), index("keys_by_space").on(table.spaceId)],
);

export const files = sqliteTable(
  "files",
  {
    id: text().primaryKey(),
    spaceId: text()
      .notNull()
      .references(() => spaces.id),
    name: text().notNull(),
    /** The name in lower case: the dialects fold letters beyond ASCII differently, or not at all. */
    searchName: text().notNull(),
    codec: text().notNull(),
    format: text().notNull(),
    level: text().$type<StoredFile["level"]>().notNull(),
    params: json<StoredFile["params"]>().notNull(),
    lossless: integer({ mode: "boolean" }).notNull(),
    originalBytes: count().notNull(),
    sha256: text().notNull(),
    contentBytes: count().notNull(),
    contentSha256: text().notNull(),
    mediaType: text().notNull(),
    compressedBytes: count().notNull(),
    objectKey: text().notNull(),
    objectBytes: count().notNull(),
    compressionTimeMs: count().notNull(),
    report: json<StoredFile["report"]>().notNull(),
    fingerprint: text().notNull(),
    createdAt: time().notNull(),
    accessedAt: time(),
  },
  (table) => [
    uniqueIndex("files_by_fingerprint").on(table.spaceId, table.fingerprint),
    index("files_by_time").on(table.spaceId, table.createdAt, table.id),
    index("files_by_codec").on(table.spaceId, table.codec, table.createdAt, table.id),
    index("files_usage").on(table.spaceId, table.originalBytes, table.compressedBytes),
    index("files_by_object").on(table.objectKey),
    index("files_by_content").on(table.spaceId, table.contentSha256),
  ],
);

/** What web assets that are stored whole have in common with others: the features that similar ones share. */
export const sketches = sqliteTable(
  "sketches",
  {
    spaceId: text().notNull(),
    feature: count().notNull(),
    fileId: text()
      .notNull()
      .references(() => files.id),
  },
  (table) => [
    primaryKey({ columns: [table.spaceId, table.feature, table.fileId] }),
    index("sketches_by_file").on(table.fileId),
  ],
);

export const parts = sqliteTable(
  "parts",
  {
    spaceId: text()
      .notNull()
      .references(() => spaces.id),
    sha256: text().notNull(),
    bytes: count().notNull(),
    objectKey: text().notNull(),
    objectBytes: count().notNull(),
    /** SHA-256 of the part that this one was coded after. Whoever uses this one uses that one, too. */
    prior: text(),
    createdAt: time().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.spaceId, table.sha256] }),
    index("parts_by_object").on(table.objectKey),
    index("parts_by_size").on(table.spaceId, table.bytes),
  ],
);

/** Which files use which parts. A part without a file is removed with its last file. */
export const fileParts = sqliteTable(
  "file_parts",
  {
    fileId: text()
      .notNull()
      .references(() => files.id),
    spaceId: text().notNull(),
    sha256: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.fileId, table.sha256] }),
    foreignKey({ columns: [table.spaceId, table.sha256], foreignColumns: [parts.spaceId, parts.sha256] }),
    index("file_parts_by_part").on(table.spaceId, table.sha256),
  ],
);

/** Where in the parts of a space a text stands that may come again; forgotten with its part. */
export const excerpts = sqliteTable(
  "excerpts",
  {
    spaceId: text().notNull(),
    /** Of the text, as `vault/excerpts.ts` makes it. */
    hash: text().notNull(),
    /** The part's. */
    sha256: text().notNull(),
    start: count().notNull(),
    bytes: count().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.spaceId, table.hash] }),
    foreignKey({
      columns: [table.spaceId, table.sha256],
      foreignColumns: [parts.spaceId, parts.sha256],
    }).onDelete("cascade"),
    index("excerpts_by_part").on(table.spaceId, table.sha256),
  ],
);

/** Objects in the store that no file refers to: not yet (`reserved`) or no longer (`garbage`). */
export const objects = sqliteTable(
  "objects",
  {
    key: text().primaryKey(),
    state: text().$type<"reserved" | "garbage">().notNull(),
    /** The instance that reserved it. */
    owner: text(),
    since: time().notNull(),
  },
  (table) => [index("objects_by_time").on(table.since, table.key)],
);

export const audit = sqliteTable(
  "audit",
  {
    id: integer({ mode: "number" }).primaryKey({ autoIncrement: true }),
    at: time().notNull(),
    spaceId: text(),
    actor: text().notNull(),
    action: text().notNull(),
    target: text(),
    origin: text(),
    outcome: text().notNull(),
    details: json<NonNullable<AuditEntry["details"]>>(),
  },
  (table) => [
    index("audit_by_time").on(table.at, table.id),
    index("audit_by_space").on(table.spaceId, table.at, table.id),
  ],
);

export const jobs = sqliteTable(
  "jobs",
  {
    id: text().primaryKey(),
    spaceId: text()
      .notNull()
      .references(() => spaces.id),
    state: text().$type<Job["state"]>().notNull(),
    progress: real().notNull(),
    result: json<NonNullable<Job["result"]>>(),
    status: count(),
    createdAt: time().notNull(),
    updatedAt: time().notNull(),
  },
  (table) => [index("jobs_by_state").on(table.state)],
);

export const settings = sqliteTable("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
});

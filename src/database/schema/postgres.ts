import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  json as jsonText,
  pgTable,
  primaryKey,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { ApiKey, AuditEntry, Job, StoredFile } from "../repository";

/**
 * PostgreSQL text cannot hold U+0000. Replacing it here makes a lookup of such a string find nothing, and an
 * audit row of such a request survive, as in SQLite.
 */
const text = customType<{ data: string }>({
  dataType: () => "text",
  toDriver: (value) => value.replaceAll("\0", "\uFFFD"),
});
/** To the millisecond, as in SQLite. */
const time = () => timestamp({ mode: "date", precision: 3, withTimezone: true });
/** Bytes or a count; exact up to 2^53. */
const count = () => bigint({ mode: "number" });
/** `json` rather than `jsonb`: it keeps the order of keys and accepts every string, as SQLite's text does. */
const json = <T>() => jsonText().$type<T>();

export const spaces = pgTable("spaces", {
  id: text().primaryKey(),
  name: text().notNull(),
  credits: count(),
  quotaBytes: count(),
  createdAt: time().notNull(),
});

export const keys = pgTable(
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

export const files = pgTable(
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
    lossless: boolean().notNull(),
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
export const sketches = pgTable(
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

export const parts = pgTable(
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
export const fileParts = pgTable(
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
export const excerpts = pgTable(
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
export const objects = pgTable(
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

export const audit = pgTable(
  "audit",
  {
    id: count().primaryKey().generatedAlwaysAsIdentity(),
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

export const jobs = pgTable(
  "jobs",
  {
    id: text().primaryKey(),
    spaceId: text()
      .notNull()
      .references(() => spaces.id),
    state: text().$type<Job["state"]>().notNull(),
    progress: doublePrecision().notNull(),
    result: json<NonNullable<Job["result"]>>(),
    status: count(),
    createdAt: time().notNull(),
    updatedAt: time().notNull(),
  },
  (table) => [index("jobs_by_state").on(table.state)],
);

export const settings = pgTable("settings", {
  name: text().primaryKey(),
  value: text().notNull(),
});

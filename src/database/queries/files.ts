import {
  and,
  asc,
  between,
  count,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  like,
  lt,
  type SQL,
  sql,
  sum,
} from "drizzle-orm";
import type { Connection, Queries, Schema } from "../dialects/connection";
import type { Excerpt, FileQuery, Part, Repository, StoredFile, Usage } from "../repository";
import { chunks, comparable } from "./rows";

type FileQueries = Pick<
  Repository,
  | "fileByFingerprint"
  | "file"
  | "fileByContent"
  | "mostSimilar"
  | "fileIdTaken"
  | "files"
  | "filesAfter"
  | "touchFile"
  | "part"
  | "partOfFile"
  | "primedParts"
  | "largestText"
  | "excerpts"
>;

export function fileQueries({ read, write, schema }: Connection): FileQueries {
  const { files, parts, fileParts, sketches, excerpts } = schema;
  const { searchName: _, ...columns } = getTableColumns(files);

  async function fileWhere(condition: SQL | undefined): Promise<StoredFile | null> {
    const [row] = await read((db) => db.select(columns).from(files).where(condition));
    return row ?? null;
  }

  return {
    fileByFingerprint(spaceId, fingerprint) {
      return fileWhere(and(eq(files.spaceId, spaceId), eq(files.fingerprint, fingerprint)));
    },

    file(spaceId, id) {
      return fileWhere(and(eq(files.spaceId, spaceId), eq(files.id, id)));
    },

    async fileByContent(spaceId, codec, contentSha256) {
      const same = and(eq(files.spaceId, spaceId), eq(files.contentSha256, contentSha256), eq(files.codec, codec));
      const [row] = await read((db) =>
        db.select(columns).from(files).where(same).orderBy(desc(files.createdAt), desc(files.id)).limit(1),
      );
      return row ?? null;
    },

    async mostSimilar(spaceId, sketch) {
      if (sketch.length === 0) return null;
      const shared = count();
      const [best] = await read((db) =>
        db
          .select({ ...columns, shared })
          .from(sketches)
          .innerJoin(files, eq(files.id, sketches.fileId))
          .where(and(eq(sketches.spaceId, spaceId), inArray(sketches.feature, [...sketch])))
          .groupBy(files.id)
          .orderBy(desc(shared), desc(files.createdAt), desc(files.id))
          .limit(1),
      );
      if (!best) return null;
      const { shared: common, ...file } = best;
      return { file, shared: common };
    },

    async fileIdTaken(id) {
      return (await fileWhere(eq(files.id, id))) !== null;
    },

    files(spaceId, query) {
      return read(async (db) => ({
        files: await db
          .select(columns)
          .from(files)
          .where(matching(schema, spaceId, query))
          .orderBy(desc(files.createdAt), desc(files.id))
          .limit(query.limit)
          .offset(query.offset),
        usage: await usageOf(db, schema, spaceId),
      }));
    },

    filesAfter(afterId, limit) {
      const later = afterId === null ? undefined : gt(files.id, afterId);
      return read((db) => db.select(columns).from(files).where(later).orderBy(asc(files.id)).limit(limit));
    },

    async touchFile(spaceId, id, at) {
      await write((db) =>
        db
          .update(files)
          .set({ accessedAt: at })
          .where(and(eq(files.spaceId, spaceId), eq(files.id, id))),
      );
    },

    async part(spaceId, sha256) {
      const [row] = await read((db) =>
        db
          .select()
          .from(parts)
          .where(and(eq(parts.spaceId, spaceId), eq(parts.sha256, sha256))),
      );
      return row ?? null;
    },

    async partOfFile(fileId, hash) {
      const isPart = and(eq(parts.spaceId, fileParts.spaceId), eq(parts.sha256, fileParts.sha256));
      const [row] = await read((db) =>
        db
          .select(getTableColumns(parts))
          .from(fileParts)
          .innerJoin(parts, isPart)
          .where(and(eq(fileParts.fileId, fileId), like(fileParts.sha256, `${hash}%`))),
      );
      return row ?? null;
    },

    primedParts(spaceId, hashes) {
      return read(async (db) => {
        const found: Part[] = [];
        for (const some of chunks(hashes)) {
          const ofSpace = and(eq(parts.spaceId, spaceId), inArray(parts.sha256, some), isNotNull(parts.prior));
          found.push(...(await db.select().from(parts).where(ofSpace)));
        }
        return found;
      });
    },

    async largestText(spaceId, { least, most }) {
      const [row] = await read((db) => {
        const ofPart = and(eq(excerpts.spaceId, spaceId), eq(excerpts.sha256, parts.sha256));
        const hasText = exists(db.select({ hash: excerpts.hash }).from(excerpts).where(ofPart));
        return db
          .select()
          .from(parts)
          .where(and(eq(parts.spaceId, spaceId), isNull(parts.prior), between(parts.bytes, least, most), hasText))
          .orderBy(desc(parts.bytes), asc(parts.sha256))
          .limit(1);
      });
      return row ?? null;
    },

    excerpts(spaceId, hashes) {
      return read(async (db) => {
        const found: Excerpt[] = [];
        for (const some of chunks(hashes)) {
          const ofSpace = and(eq(excerpts.spaceId, spaceId), inArray(excerpts.hash, some));
          found.push(...(await db.select().from(excerpts).where(ofSpace)));
        }
        return found;
      });
    },
  };
}

/** What a space holds. An index has all three columns, so that only it is read. */
export async function usageOf(db: Queries, { files }: Schema, spaceId: string): Promise<Usage> {
  const [row] = await db
    .select({
      totalFiles: count(),
      totalOriginalBytes: sum(files.originalBytes).mapWith(Number),
      totalCompressedBytes: sum(files.compressedBytes).mapWith(Number),
    })
    .from(files)
    .where(eq(files.spaceId, spaceId));
  return {
    totalFiles: row?.totalFiles ?? 0,
    totalOriginalBytes: row?.totalOriginalBytes ?? 0,
    totalCompressedBytes: row?.totalCompressedBytes ?? 0,
  };
}

/** A name as the search sees it. U+0000 would end the pattern of LIKE in SQLite, and is no text in PostgreSQL. */
export function searchName(name: string): string {
  return name.toLowerCase().replaceAll("\0", "\uFFFD");
}

function matching({ files }: Schema, spaceId: string, { codec, q, before, after }: FileQuery): SQL | undefined {
  return and(
    eq(files.spaceId, spaceId),
    codec === undefined ? undefined : eq(files.codec, codec),
    q === undefined ? undefined : contains(files.searchName, searchName(q)),
    before === undefined ? undefined : lt(files.createdAt, comparable(before)),
    after === undefined ? undefined : gt(files.createdAt, comparable(after)),
  );
}

/** A substring test in which the wildcards of LIKE mean themselves. */
function contains(column: Schema["files"]["searchName"], text: string): SQL {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`${like(column, pattern)} ESCAPE '\\'`;
}

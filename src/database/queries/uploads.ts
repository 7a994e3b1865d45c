import { and, eq, inArray, isNotNull, notExists } from "drizzle-orm";
import { Refusal } from "../../errors";
import type { Connection, Queries } from "../dialects/connection";
import type { CommitOutcome, Excerpt, Part, Repository, Space, StoredFile } from "../repository";
import { searchName, usageOf } from "./files";
import { clearObjects, discardObjects } from "./objects";
import { chunks } from "./rows";
import { takeCredit } from "./spaces";

type UploadQueries = Pick<Repository, "commitUpload" | "deleteFile">;

/**
 * What makes files exist and vanish. Every such transaction holds its space's row from the start, so those of one
 * space follow each other, and what one has checked stays true until it ends.
 */
export function uploadQueries(connection: Connection): UploadQueries {
  const { write, forUpdate, schema } = connection;
  const { spaces, files, parts, fileParts, sketches, excerpts, audit } = schema;

  async function holdSpace(db: Queries, id: string): Promise<Space | null> {
    const [space] = await forUpdate(db.select().from(spaces).where(eq(spaces.id, id)));
    return space ?? null;
  }

  /** Why the upload cannot be stored, or null. Reads only: a refused upload leaves no trace. */
  async function obstacle(
    db: Queries,
    space: Space,
    file: StoredFile,
    {
      usedParts,
      borrowed,
      adopted,
    }: { usedParts: readonly string[]; borrowed: readonly string[]; adopted: readonly Part[] },
  ): Promise<CommitOutcome | null> {
    const [twin] = await db
      .select({ id: files.id })
      .from(files)
      .where(and(eq(files.spaceId, file.spaceId), eq(files.fingerprint, file.fingerprint)));
    if (twin) return { outcome: "duplicate", uploadId: twin.id };
    const gone =
      (await missingPart(db, file.spaceId, borrowed)) ??
      (await unprimedPart(db, file.spaceId, usedParts)) ??
      (await orphan(db, file.spaceId, adopted));
    if (gone !== null) return { outcome: "part_gone", sha256: gone };
    if (space.credits !== null && space.credits < 1) return { outcome: "no_credits" };
    if (space.quotaBytes !== null) {
      const { totalCompressedBytes } = await usageOf(db, schema, space.id);
      if (totalCompressedBytes + file.compressedBytes > space.quotaBytes) return { outcome: "quota_exceeded" };
    }
    return null;
  }

  async function missingPart(db: Queries, spaceId: string, wanted: readonly string[]): Promise<string | null> {
    for (const hashes of chunks(wanted)) {
      const rows = await db
        .select({ sha256: parts.sha256 })
        .from(parts)
        .where(and(eq(parts.spaceId, spaceId), inArray(parts.sha256, hashes)));
      const present = new Set(rows.map((row) => row.sha256));
      const gone = hashes.find((hash) => !present.has(hash));
      if (gone !== undefined) return gone;
    }
    return null;
  }

  /** A part whose prior the file does not use before it: another upload stored it so meanwhile. */
  async function unprimedPart(db: Queries, spaceId: string, usedParts: readonly string[]): Promise<string | null> {
    const places = new Map(usedParts.map((sha256, place) => [sha256, place]));
    for (const hashes of chunks(usedParts)) {
      const rows = await db
        .select({ sha256: parts.sha256, prior: parts.prior })
        .from(parts)
        .where(and(eq(parts.spaceId, spaceId), inArray(parts.sha256, hashes), isNotNull(parts.prior)));
      const unprimed = rows.find(({ sha256, prior }) => !(places.get(prior!)! < places.get(sha256)!));
      if (unprimed) return unprimed.sha256;
    }
    return null;
  }

  /** A part to be adopted that no file holds any longer, and that has not become a part either. */
  async function orphan(db: Queries, spaceId: string, adopted: readonly Part[]): Promise<string | null> {
    for (const { sha256, objectKey } of adopted) {
      const [holder] = await db
        .select({ id: files.id })
        .from(files)
        .where(and(eq(files.spaceId, spaceId), eq(files.objectKey, objectKey)))
        .limit(1);
      if (!holder && (await missingPart(db, spaceId, [sha256])) !== null) return sha256;
    }
    return null;
  }

  /** Stores the parts that are not there yet; the objects of the others are not needed. */
  async function insertParts(db: Queries, newParts: readonly Part[], now: Date): Promise<void> {
    for (const some of chunks(newParts)) {
      const inserted = await db
        .insert(parts)
        .values(some)
        .onConflictDoNothing()
        .returning({ objectKey: parts.objectKey });
      const stored = inserted.map(objectKeyOf);
      const needless = some.map(objectKeyOf).filter((key) => !stored.includes(key));
      await clearObjects(db, schema, stored);
      await discardObjects(db, schema, needless, now);
    }
  }

  async function insertSketch(db: Queries, { id, spaceId }: StoredFile, sketch: readonly number[]): Promise<void> {
    for (const features of chunks([...new Set(sketch)])) {
      await db.insert(sketches).values(features.map((feature) => ({ spaceId, feature, fileId: id })));
    }
  }

  /** Notes what stands in new parts. A part that another upload brought meanwhile has the same excerpts. */
  async function insertExcerpts(db: Queries, newExcerpts: readonly Excerpt[]): Promise<void> {
    for (const some of chunks(newExcerpts)) await db.insert(excerpts).values(some).onConflictDoNothing();
  }

  async function insertFile(db: Queries, file: StoredFile, partHashes: readonly string[]): Promise<void> {
    const compressionTimeMs = Math.round(file.compressionTimeMs);
    await db.insert(files).values({ ...file, compressionTimeMs, searchName: searchName(file.name) });
    await clearObjects(db, schema, [file.objectKey]);
    for (const hashes of chunks(partHashes)) {
      await db
        .insert(fileParts)
        .values(hashes.map((sha256) => ({ fileId: file.id, spaceId: file.spaceId, sha256 })));
    }
  }

  /** Removes a file's uses of parts, and the parts that it was the last to use; gives back their objects. */
  async function releaseParts(db: Queries, spaceId: string, fileId: string): Promise<string[]> {
    const released = await db
      .delete(fileParts)
      .where(eq(fileParts.fileId, fileId))
      .returning({ sha256: fileParts.sha256 });
    const objectKeys: string[] = [];
    for (const some of chunks(released)) {
      const hashes = some.map((use) => use.sha256);
      const stillUsed = db
        .select({ fileId: fileParts.fileId })
        .from(fileParts)
        .where(and(eq(fileParts.spaceId, spaceId), eq(fileParts.sha256, parts.sha256)));
      const removed = await db
        .delete(parts)
        .where(and(eq(parts.spaceId, spaceId), inArray(parts.sha256, hashes), notExists(stillUsed)))
        .returning({ objectKey: parts.objectKey });
      objectKeys.push(...removed.map(objectKeyOf));
    }
    return objectKeys;
  }

  return {
    commitUpload({ file, newParts, adoptedParts = [], newExcerpts = [], usedParts, sketch = [], audit: entry }) {
      return write(async (db) => {
        const space = await holdSpace(db, file.spaceId);
        if (!space) throw new Refusal("not_found", "The space of this upload no longer exists.");
        const brought = new Map(newParts.map((part) => [part.sha256, part]));
        const adopted = adoptedParts.filter(({ sha256 }) => !brought.has(sha256));
        const own = new Set([...brought.keys(), ...adopted.map(({ sha256 }) => sha256)]);
        const borrowed = [...new Set(usedParts)].filter((sha256) => !own.has(sha256));
        const refusal = await obstacle(db, space, file, { usedParts, borrowed, adopted });
        if (refusal) return refusal;
        await takeCredit(db, schema, space.id);
        await insertParts(db, [...brought.values()], file.createdAt);
        // Their objects stay the files'; only the reference is new.
        for (const some of chunks(adopted)) await db.insert(parts).values(some).onConflictDoNothing();
        await insertExcerpts(db, newExcerpts);
        await insertFile(db, file, [...own, ...borrowed]);
        await insertSketch(db, file, sketch);
        await db.insert(audit).values(entry);
        return { outcome: "stored" };
      });
    },

    deleteFile(spaceId, id, entry) {
      return write(async (db) => {
        await holdSpace(db, spaceId);
        const ofFile = and(eq(files.spaceId, spaceId), eq(files.id, id));
        const [file] = await db.select({ objectKey: files.objectKey }).from(files).where(ofFile);
        if (!file) return false;
        const released = await releaseParts(db, spaceId, id);
        await db.delete(sketches).where(eq(sketches.fileId, id));
        await db.delete(files).where(ofFile);
        await discardObjects(db, schema, [file.objectKey, ...released], entry.at);
        await db.insert(audit).values(entry);
        return true;
      });
    },
  };
}

function objectKeyOf(row: { objectKey: string }): string {
  return row.objectKey;
}

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  aFile,
  aKey,
  anAudit,
  aPart,
  aSpace,
  type FreshDatabase,
  freshPostgres,
  freshSqlite,
  later,
  NOW,
  POSTGRES_SERVER,
} from "./fixtures";
import { openDatabase } from "./open";
import type { Repository, StoredFile } from "./repository";

/** The behaviour that both dialects promise. */
function contract(fresh: () => Promise<FreshDatabase>): void {
  let database: FreshDatabase;
  let repository: Repository;

  beforeEach(async () => {
    database = await fresh();
    repository = await openDatabase(database.url);
    await repository.createSpace(aSpace("lab"));
  });

  afterEach(async () => {
    await repository.close();
    await database.drop();
  });

  function commit(file: StoredFile, parts: { fresh?: string[]; used?: string[] } = {}) {
    return repository.commitUpload({
      file,
      newParts: (parts.fresh ?? []).map((sha256) => aPart(sha256, { spaceId: file.spaceId })),
      usedParts: [...(parts.used ?? []), ...(parts.fresh ?? [])],
      audit: anAudit("file.upload", { target: file.id }),
    });
  }

  const ids = (files: StoredFile[]) => files.map((file) => file.id);
  const list = async (query: Partial<Parameters<Repository["files"]>[1]> = {}) =>
    ids((await repository.files("lab", { limit: 50, offset: 0, ...query })).files);
  const garbage = () => repository.garbage("me", new Date(0), 100);

  describe("spaces", () => {
    test("come back as they were made, oldest first", async () => {
      const ward = aSpace("ward", { credits: 3, quotaBytes: 9_007_199_254_740_991, createdAt: later(-1) });
      await repository.createSpace(ward);
      expect(await repository.spaces()).toEqual([ward, aSpace("lab")]);
      expect(await repository.space("ward")).toEqual(ward);
      expect(await repository.space("elsewhere")).toBeNull();
    });

    test("change in the named fields only", async () => {
      const changed = await repository.updateSpace("lab", { credits: 7, quotaBytes: 5_000_000_000 });
      expect(changed).toEqual(aSpace("lab", { credits: 7, quotaBytes: 5_000_000_000 }));
      expect(await repository.updateSpace("lab", {})).toEqual(changed);
      expect(await repository.updateSpace("lab", { credits: null })).toMatchObject({ credits: null });
      expect(await repository.updateSpace("elsewhere", { credits: 1 })).toBeNull();
    });

    test("have an identity once", async () => {
      await expect(repository.createSpace(aSpace("lab"))).rejects.toMatchObject({ kind: "conflict" });
    });

    test("spend their credits and no more, also at once", async () => {
      await repository.updateSpace("lab", { credits: 3 });
      const spent = await Promise.all(Array.from({ length: 8 }, () => repository.spendCredit("lab")));
      expect(spent.filter(Boolean)).toHaveLength(3);
      expect(await repository.space("lab")).toMatchObject({ credits: 0 });
    });

    test("without limit always have a credit, unknown ones never", async () => {
      expect(await repository.spendCredit("lab")).toBe(true);
      expect(await repository.space("lab")).toMatchObject({ credits: null });
      expect(await repository.spendCredit("elsewhere")).toBe(false);
    });
  });

  describe("keys", () => {
    test("are found by hash and listed by space", async () => {
      const first = aKey("k1", { expiresAt: later(5), lastUsedAt: later(1) });
      const second = aKey("k2", { createdAt: later(1), scopes: ["admin"] });
      await repository.createKey(second);
      await repository.createKey(first);
      expect(await repository.keyByHash("hash-k1")).toEqual(first);
      expect(await repository.keyByHash("hash-k9")).toBeNull();
      expect(await repository.keys("lab")).toEqual([first, second]);
      expect(await repository.keys("elsewhere")).toEqual([]);
    });

    test("belong to a space that exists, and have a hash of their own", async () => {
      await repository.createKey(aKey("k1"));
      await expect(repository.createKey(aKey("k2", { hash: "hash-k1" }))).rejects.toMatchObject({
        kind: "conflict",
      });
      await expect(repository.createKey(aKey("k3", { spaceId: "elsewhere" }))).rejects.toMatchObject({
        kind: "conflict",
      });
    });

    test("change within their space only", async () => {
      await repository.createSpace(aSpace("ward"));
      await repository.createKey(aKey("k1"));
      expect(await repository.updateKey("ward", "k1", { revokedAt: NOW })).toBeNull();
      expect(await repository.updateKey("lab", "k1", { revokedAt: later(2) })).toEqual(
        aKey("k1", { revokedAt: later(2) }),
      );
      expect(await repository.updateKey("lab", "k1", {})).toEqual(aKey("k1", { revokedAt: later(2) }));
    });

    test("rotate once, even when asked twice at once", async () => {
      await repository.createKey(aKey("k1"));
      const rotations = await Promise.all(
        ["k2", "k3"].map((id) => repository.rotateKey("lab", "k1", aKey(id), later(3))),
      );
      expect(rotations.sort()).toEqual([false, true]);
      expect(await repository.keyByHash("hash-k1")).toMatchObject({ revokedAt: later(3) });
      expect(await repository.keys("lab")).toHaveLength(2);
    });

    test("do not rotate when expired, of another space, or when the successor cannot be made", async () => {
      await repository.createSpace(aSpace("ward"));
      await repository.createKey(aKey("old", { expiresAt: later(1) }));
      await repository.createKey(aKey("live"));
      expect(await repository.rotateKey("lab", "old", aKey("k2"), later(1))).toBe(false);
      expect(await repository.rotateKey("ward", "live", aKey("k2", { spaceId: "ward" }), NOW)).toBe(false);
      const clash = repository.rotateKey("lab", "live", aKey("k2", { hash: "hash-old" }), NOW);
      await expect(clash).rejects.toMatchObject({ kind: "conflict" });
      expect(await repository.keyByHash("hash-live")).toMatchObject({ revokedAt: null });
    });
  });

  describe("uploads", () => {
    test("make a file that comes back as it was", async () => {
      const file = aFile("a8f3b2c1", { accessedAt: later(9), lossless: false, name: "Größe 100%_\\ 'x'.fastq" });
      expect(await commit(file)).toEqual({ outcome: "stored" });
      expect(await repository.file("lab", "a8f3b2c1")).toEqual(file);
      expect(await repository.fileByFingerprint("lab", file.fingerprint)).toEqual(file);
      expect(await repository.fileIdTaken("a8f3b2c1")).toBe(true);
      expect(await repository.fileIdTaken("a8f3b2c2")).toBe(false);
      expect(Object.keys((await repository.file("lab", "a8f3b2c1"))!.params)).toEqual(["zeta", "alpha", "text"]);
      expect(await repository.auditTrail({ limit: 9 })).toEqual([anAudit("file.upload", { target: "a8f3b2c1" })]);
    });

    test("round the time that they took to milliseconds", async () => {
      await commit(aFile("a", { compressionTimeMs: 12.6 }));
      expect(await repository.file("lab", "a")).toMatchObject({ compressionTimeMs: 13 });
    });

    test("keep what others may say in odd characters", async () => {
      const words = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0"));
      let serial = 0;
      await fc.assert(
        fc.asyncProperty(words, fc.jsonValue({ maxDepth: 2 }), async (name, value) => {
          const file = aFile(`f${++serial}`, { name, params: { value: JSON.parse(JSON.stringify(value)) } });
          await commit(file);
          expect(await repository.file("lab", file.id)).toEqual(file);
          expect(await list({ q: name, limit: 200 })).toContain(file.id);
        }),
        { numRuns: 25 },
      );
    });

    test("of the same content are duplicates within a space, not across spaces", async () => {
      await repository.createSpace(aSpace("ward"));
      await commit(aFile("a", { fingerprint: "same" }));
      expect(await commit(aFile("b", { fingerprint: "same" }))).toEqual({ outcome: "duplicate", uploadId: "a" });
      expect(await commit(aFile("c", { fingerprint: "same", spaceId: "ward" }))).toEqual({ outcome: "stored" });
      expect(await repository.fileByFingerprint("lab", "same")).toMatchObject({ id: "a" });
      expect(await repository.file("lab", "c")).toBeNull();
    });

    test("that race end as one file, also between instances", async () => {
      const other = await openDatabase(database.url);
      const racers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 === 0 ? repository : other).commitUpload({
            file: aFile(`r${i}`, { fingerprint: "same" }),
            newParts: [aPart("p", { objectKey: `parts/p${i}` })],
            usedParts: ["p"],
            audit: anAudit("file.upload"),
          }),
        ),
      );
      await other.close();
      const stored = racers.filter((racer) => racer.outcome === "stored");
      const [winner] = await list();
      expect(stored).toHaveLength(1);
      expect(await list()).toHaveLength(1);
      for (const racer of racers) {
        if (racer.outcome !== "stored") expect(racer).toEqual({ outcome: "duplicate", uploadId: winner! });
      }
      expect(await repository.auditTrail({ limit: 50 })).toHaveLength(1);
    });

    test("cost one credit when they succeed", async () => {
      await repository.updateSpace("lab", { credits: 1 });
      await commit(aFile("a"));
      expect(await repository.space("lab")).toMatchObject({ credits: 0 });
      expect(await commit(aFile("a2", { fingerprint: "print-a" }))).toMatchObject({ outcome: "duplicate" });
      expect(await commit(aFile("b"))).toEqual({ outcome: "no_credits" });
      expect(await list()).toEqual(["a"]);
      expect(await repository.auditTrail({ limit: 50 })).toHaveLength(1);
    });

    test("fill a quota to the byte", async () => {
      await repository.updateSpace("lab", { credits: 5, quotaBytes: 3_000_000_000 });
      await commit(aFile("a", { compressedBytes: 2_999_999_000 }));
      expect(await commit(aFile("b", { compressedBytes: 1001 }))).toEqual({ outcome: "quota_exceeded" });
      expect(await commit(aFile("c", { compressedBytes: 1000 }))).toEqual({ outcome: "stored" });
      expect(await repository.space("lab")).toMatchObject({ credits: 3 });
    });

    test("into a space that does not exist, or under a taken id, are refused whole", async () => {
      await expect(commit(aFile("a", { spaceId: "elsewhere" }))).rejects.toMatchObject({ kind: "not_found" });
      await repository.updateSpace("lab", { credits: 5 });
      await commit(aFile("a"));
      const second = commit(aFile("a", { fingerprint: "other" }), { fresh: ["p"] });
      await expect(second).rejects.toMatchObject({ kind: "conflict" });
      expect(await repository.space("lab")).toMatchObject({ credits: 4 });
      expect(await repository.part("lab", "p")).toBeNull();
    });
  });

  describe("parts", () => {
    test("live as long as a file of their space uses them", async () => {
      await repository.createSpace(aSpace("ward"));
      await commit(aFile("a"), { fresh: ["p", "q"] });
      await commit(aFile("b"), { used: ["p"] });
      await commit(aFile("c", { spaceId: "ward" }), { fresh: ["q"] });
      expect(await repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await repository.part("ward", "p")).toBeNull();

      expect(await repository.deleteFile("lab", "a", anAudit("file.delete"))).toBe(true);
      expect(await repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await repository.part("lab", "q")).toBeNull();
      expect(await repository.part("ward", "q")).not.toBeNull();

      await repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await repository.part("lab", "p")).toBeNull();
    });

    test("that are gone make the upload pack again", async () => {
      await repository.updateSpace("lab", { credits: 2 });
      expect(await commit(aFile("a"), { used: ["p"] })).toEqual({ outcome: "part_gone", sha256: "p" });
      expect(await repository.space("lab")).toMatchObject({ credits: 2 });
      expect(await list()).toEqual([]);
    });

    test("that another upload stored meanwhile are dropped to garbage", async () => {
      await commit(aFile("a"), { fresh: ["p"] });
      const outcome = await repository.commitUpload({
        file: aFile("b"),
        newParts: [aPart("p", { objectKey: "parts/late" }), aPart("q")],
        usedParts: ["p", "q"],
        audit: anAudit("file.upload"),
      });
      expect(outcome).toEqual({ outcome: "stored" });
      expect(await repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await garbage()).toEqual(["parts/late"]);
      await repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await repository.part("lab", "p")).not.toBeNull();
    });

    test("may be many", async () => {
      const hashes = Array.from({ length: 12_000 }, (_, i) => `part-${i}`);
      await commit(aFile("a"), { fresh: hashes });
      expect(await commit(aFile("b"), { used: hashes })).toEqual({ outcome: "stored" });
      expect(await commit(aFile("c"), { used: [...hashes, "other"] })).toEqual({
        outcome: "part_gone",
        sha256: "other",
      });
      await repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await garbage()).toEqual(["files/b"]);
      await repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await repository.garbage("me", new Date(0), 20_000)).toHaveLength(12_002);
    }, 30_000);
  });

  describe("lists", () => {
    test("are newest first, stable under equal times, in pages", async () => {
      for (const [i, id] of ["a", "b", "c", "d", "e"].entries()) {
        await commit(aFile(id, { createdAt: later(i < 3 ? 0 : i) }));
      }
      expect(await list()).toEqual(["e", "d", "c", "b", "a"]);
      const pages = await Promise.all([0, 2, 4, 6].map((offset) => list({ limit: 2, offset })));
      expect(pages).toEqual([["e", "d"], ["c", "b"], ["a"], []]);
    });

    test("filter by codec, time and name", async () => {
      await commit(aFile("a", { name: "Größe 100%.log", codec: "log-files", createdAt: later(-10) }));
      await commit(aFile("b", { name: "groesse_100.log", codec: "log-files" }));
      await commit(aFile("c", { name: "back\\slash.FASTQ", createdAt: later(10) }));
      expect(await list({ codec: "log-files" })).toEqual(["b", "a"]);
      expect(await list({ codec: "log-files", after: later(-10) })).toEqual(["b"]);
      expect(await list({ before: NOW })).toEqual(["a"]);
      expect(await list({ q: "GRÖSSE" })).toEqual([]);
      expect(await list({ q: "GRÖßE" })).toEqual(["a"]);
      expect(await list({ q: "100%" })).toEqual(["a"]);
      expect(await list({ q: "e_1" })).toEqual(["b"]);
      expect(await list({ q: "k\\s" })).toEqual(["c"]);
      expect(await list({ q: "fastq" })).toEqual(["c"]);
      expect(await list({ q: "" })).toHaveLength(3);
      expect(await list({ q: "\0" })).toEqual([]);
      expect(await list({ before: new Date(8.64e15), after: new Date(-8.64e15) })).toHaveLength(3);
    });

    test("count the whole space, whatever the page", async () => {
      await repository.createSpace(aSpace("ward"));
      await commit(aFile("a", { compressedBytes: 3_000_000_000 }));
      await commit(aFile("b", { compressedBytes: 3_000_000_000 }));
      await commit(aFile("c", { spaceId: "ward" }));
      const { files, usage } = await repository.files("lab", { limit: 1, offset: 5, q: "nothing" });
      expect(files).toEqual([]);
      expect(usage).toEqual({ totalFiles: 2, totalOriginalBytes: 10_000_000_000, totalCompressedBytes: 6e9 });
      const empty = await repository.files("elsewhere", { limit: 1, offset: 0 });
      expect(empty.usage).toEqual({ totalFiles: 0, totalOriginalBytes: 0, totalCompressedBytes: 0 });
    });

    test("of every space walk in a stable order", async () => {
      await repository.createSpace(aSpace("ward"));
      for (const id of ["03", "01", "04"]) await commit(aFile(id));
      await commit(aFile("02", { spaceId: "ward" }));
      expect(ids(await repository.filesAfter(null, 2))).toEqual(["01", "02"]);
      expect(ids(await repository.filesAfter("02", 9))).toEqual(["03", "04"]);
    });
  });

  describe("files", () => {
    test("note their last access", async () => {
      await commit(aFile("a"));
      await repository.touchFile("elsewhere", "a", later(3));
      expect(await repository.file("lab", "a")).toMatchObject({ accessedAt: null });
      await repository.touchFile("lab", "a", later(4));
      expect(await repository.file("lab", "a")).toMatchObject({ accessedAt: later(4) });
    });

    test("are deleted once, by their space, and may be stored again", async () => {
      await commit(aFile("a"));
      expect(await repository.deleteFile("elsewhere", "a", anAudit("file.delete"))).toBe(false);
      const deletions = await Promise.all(
        [1, 2, 3].map(() => repository.deleteFile("lab", "a", anAudit("file.delete"))),
      );
      expect(deletions.filter(Boolean)).toHaveLength(1);
      expect(await repository.file("lab", "a")).toBeNull();
      expect(await garbage()).toEqual(["files/a"]);
      expect(await repository.auditTrail({ limit: 9 })).toHaveLength(2);
      expect(await commit(aFile("a"))).toEqual({ outcome: "stored" });
      expect(await garbage()).toEqual([]);
    });

    test("are not found by what no text can hold", async () => {
      await commit(aFile("a"));
      expect(await repository.file("lab", "a\0")).toBeNull();
      expect(await repository.file("la\0b", "a")).toBeNull();
    });
  });

  describe("objects", () => {
    test("are reserved until a commit refers to them", async () => {
      await repository.reserveObjects("me", ["files/a", "parts/p", "files/lost"], NOW);
      expect(await garbage()).toEqual([]);
      await commit(aFile("a"), { fresh: ["p"] });
      expect(await repository.garbage("successor", new Date(0), 10)).toEqual(["files/lost"]);
    });

    test("are garbage when their owner is another, the reservation old, or the upload failed", async () => {
      await repository.reserveObjects("dead", ["x"], later(-100));
      await repository.reserveObjects("me", ["y"], NOW);
      await repository.reserveObjects("me", ["z"], later(100));
      expect(await garbage()).toEqual(["x"]);
      expect(await repository.garbage(null, new Date(0), 10)).toEqual([]);
      expect(await repository.garbage(null, later(1), 10)).toEqual(["x", "y"]);
      expect(await repository.garbage("me", later(1), 1)).toEqual(["x"]);
      await repository.abandonObjects(["z", "never-reserved"]);
      expect(await garbage()).toEqual(["x", "z"]);
      await repository.forgetGarbage(["x", "z"]);
      expect(await garbage()).toEqual([]);
    });

    test("are never garbage while a file or a part refers to them", async () => {
      await commit(aFile("a", { objectKey: "shared" }), { fresh: ["p"] });
      await commit(aFile("b", { objectKey: "shared" }));
      await repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await garbage()).toEqual(["parts/p"]);
      await repository.reserveObjects("dead", ["shared"], NOW);
      expect(await garbage()).toEqual(["parts/p"]);
      await repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await garbage()).toEqual(["parts/p", "shared"]);
    });

    test("that live can be walked", async () => {
      await commit(aFile("a", { objectBytes: 5_000_000_000 }), { fresh: ["p"] });
      await commit(aFile("b"));
      const first = await repository.liveObjects(null, 2);
      expect(first).toEqual([
        { key: "files/a", bytes: 5_000_000_000 },
        { key: "files/b", bytes: 1000 },
      ]);
      expect(await repository.liveObjects("files/b", 2)).toEqual([{ key: "parts/p", bytes: 77 }]);
    });
  });

  describe("jobs", () => {
    const job = {
      id: "j1",
      spaceId: "lab",
      state: "running",
      progress: 0,
      result: null,
      status: null,
      createdAt: NOW,
      updatedAt: NOW,
    } as const;

    test("move on and end, visible to their space", async () => {
      await repository.createJob(job);
      await repository.updateJob("j1", { progress: 0.25 }, later(1));
      expect(await repository.job("lab", "j1")).toEqual({ ...job, progress: 0.25, updatedAt: later(1) });
      await repository.updateJob("j1", { state: "done", progress: 1, result: { uploadId: "a" }, status: 201 }, NOW);
      expect(await repository.job("lab", "j1")).toMatchObject({ state: "done", result: { uploadId: "a" } });
      expect(await repository.job("elsewhere", "j1")).toBeNull();
    });

    test("that ran when their instance died are failed", async () => {
      await repository.createJob(job);
      await repository.createJob({ ...job, id: "j2", state: "done", status: 201 });
      expect(await repository.failRunningJobs({ code: "shutting_down" }, 503, later(5))).toBe(1);
      expect(await repository.job("lab", "j1")).toMatchObject({
        state: "failed",
        result: { code: "shutting_down" },
        status: 503,
        updatedAt: later(5),
      });
      expect(await repository.job("lab", "j2")).toMatchObject({ state: "done" });
    });
  });

  describe("settings", () => {
    test("are set, changed and removed", async () => {
      expect(await repository.setting("storage")).toBeNull();
      await repository.setSetting("storage", "one");
      await repository.setSetting("storage", "two");
      expect(await repository.setting("storage")).toBe("two");
      await repository.setSetting("storage", null);
      expect(await repository.setting("storage")).toBeNull();
    });

    test("are taken by exactly one", async () => {
      await repository.setSetting("token", "hash");
      expect(await repository.takeSetting("token", "other")).toBe(false);
      const taken = await Promise.all([1, 2, 3].map(() => repository.takeSetting("token", "hash")));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });

  describe("the audit trail", () => {
    test("is newest first, by space and time", async () => {
      await repository.audit(anAudit("first"));
      await repository.audit(anAudit("second", { details: { bytes: 7, why: "x" }, spaceId: null, origin: null }));
      await repository.audit(anAudit("third", { at: later(5), spaceId: "ward" }));
      const actions = async (query: Parameters<Repository["auditTrail"]>[0]) =>
        (await repository.auditTrail(query)).map((entry) => entry.action);
      expect(await actions({ limit: 9 })).toEqual(["third", "second", "first"]);
      expect(await actions({ limit: 1 })).toEqual(["third"]);
      expect(await actions({ limit: 9, before: later(5) })).toEqual(["second", "first"]);
      expect(await actions({ limit: 9, spaceId: "lab" })).toEqual(["first"]);
      expect(await repository.auditTrail({ limit: 1, before: later(1) })).toEqual([
        anAudit("second", { details: { bytes: 7, why: "x" }, spaceId: null, origin: null }),
      ]);
    });

    test("keeps what a hostile caller sent", async () => {
      await repository.audit(anAudit("x", { target: "a\0b", details: { name: "a\0b" } }));
      const [entry] = await repository.auditTrail({ limit: 1 });
      expect(entry).toMatchObject({ action: "x", details: { name: "a\0b" } });
    });
  });

  describe("the database", () => {
    test("answers, remembers across openings, and says when it is closed", async () => {
      await commit(aFile("a"));
      await repository.ping();
      await repository.close();
      await expect(repository.ping()).rejects.toMatchObject({ kind: "shutting_down" });
      await expect(repository.setSetting("a", "b")).rejects.toMatchObject({ kind: "shutting_down" });
      await repository.close();
      repository = await openDatabase(database.url);
      expect(await list()).toEqual(["a"]);
    });

    test("is migrated once by instances that start together", async () => {
      const fresher = await fresh();
      const instances = await Promise.all([1, 2, 3].map(() => openDatabase(fresher.url)));
      await instances[0]!.setSetting("a", "b");
      expect(await instances[2]!.setting("a")).toBe("b");
      await Promise.all(instances.map((instance) => instance.close()));
      await fresher.drop();
    });

    test("serves readers while writers work, none of whom sees half a transaction", async () => {
      const writes = Array.from({ length: 20 }, (_, i) => commit(aFile(`f${i}`), { fresh: [`p${i}`] }));
      const seen: boolean[] = [];
      for (let i = 0; i < 60; i++) {
        await Bun.sleep(0);
        const file = await repository.file("lab", `f${i % 20}`);
        if (file) seen.push((await repository.part("lab", `p${i % 20}`)) !== null);
      }
      await Promise.all(writes);
      expect(seen).not.toContain(false);
      expect(await list()).toHaveLength(20);
    });
  });
}

describe("sqlite", () => contract(freshSqlite));
describe.skipIf(!POSTGRES_SERVER)("postgres", () => contract(freshPostgres));

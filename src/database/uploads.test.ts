import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aFile, anAudit, aPart, aSpace, later, NOW, onEachDialect } from "./fixtures";
import { openDatabase } from "./open";
import type { StoredFile } from "./repository";

onEachDialect((lab) => {
  describe("uploads", () => {
    test("make a file that comes back as it was", async () => {
      const file = aFile("a8f3b2c1", { accessedAt: later(9), lossless: false, name: "Größe 100%_\\ 'x'.fastq" });
      expect(await lab.commit(file)).toEqual({ outcome: "stored" });
      expect(await lab.repository.file("lab", "a8f3b2c1")).toEqual(file);
      expect(await lab.repository.fileByFingerprint("lab", file.fingerprint)).toEqual(file);
      expect(await lab.repository.fileIdTaken("a8f3b2c1")).toBe(true);
      expect(await lab.repository.fileIdTaken("a8f3b2c2")).toBe(false);
      expect(Object.keys((await lab.repository.file("lab", "a8f3b2c1"))!.params)).toEqual([
        "zeta",
        "alpha",
        "text",
      ]);
      expect(await lab.repository.auditTrail({ limit: 9 })).toEqual([
        anAudit("file.upload", { target: "a8f3b2c1" }),
      ]);
    });

    test("round the time that they took to milliseconds", async () => {
      await lab.commit(aFile("a", { compressionTimeMs: 12.6 }));
      expect(await lab.repository.file("lab", "a")).toMatchObject({ compressionTimeMs: 13 });
    });

    test("keep what others may say in odd characters", async () => {
      const words = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !text.includes("\0"));
      let serial = 0;
      await fc.assert(
        fc.asyncProperty(words, fc.jsonValue({ maxDepth: 2 }), async (name, value) => {
          const file = aFile(`f${++serial}`, { name, params: { value: JSON.parse(JSON.stringify(value)) } });
          await lab.commit(file);
          expect(await lab.repository.file("lab", file.id)).toEqual(file);
          expect(await lab.list({ q: name, limit: 200 })).toContain(file.id);
        }),
        { numRuns: 25 },
      );
    });

    test("of the same content are duplicates within a space, not across spaces", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.commit(aFile("a", { fingerprint: "same" }));
      expect(await lab.commit(aFile("b", { fingerprint: "same" }))).toEqual({
        outcome: "duplicate",
        uploadId: "a",
      });
      expect(await lab.commit(aFile("c", { fingerprint: "same", spaceId: "ward" }))).toEqual({ outcome: "stored" });
      expect(await lab.repository.fileByFingerprint("lab", "same")).toMatchObject({ id: "a" });
      expect(await lab.repository.file("lab", "c")).toBeNull();
    });

    test("that race end as one file, also between instances", async () => {
      const other = await openDatabase(lab.url);
      const racers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 === 0 ? lab.repository : other).commitUpload({
            file: aFile(`r${i}`, { fingerprint: "same" }),
            newParts: [aPart("p", { objectKey: `parts/p${i}` })],
            usedParts: ["p"],
            audit: anAudit("file.upload"),
          }),
        ),
      );
      await other.close();
      const stored = racers.filter((racer) => racer.outcome === "stored");
      const [winner] = await lab.list();
      expect(stored).toHaveLength(1);
      expect(await lab.list()).toHaveLength(1);
      for (const racer of racers) {
        if (racer.outcome !== "stored") expect(racer).toEqual({ outcome: "duplicate", uploadId: winner! });
      }
      expect(await lab.repository.auditTrail({ limit: 50 })).toHaveLength(1);
    });

    test("cost one credit when they succeed", async () => {
      await lab.repository.updateSpace("lab", { credits: 1 });
      await lab.commit(aFile("a"));
      expect(await lab.repository.space("lab")).toMatchObject({ credits: 0 });
      expect(await lab.commit(aFile("a2", { fingerprint: "print-a" }))).toMatchObject({ outcome: "duplicate" });
      expect(await lab.commit(aFile("b"))).toEqual({ outcome: "no_credits" });
      expect(await lab.list()).toEqual(["a"]);
      expect(await lab.repository.auditTrail({ limit: 50 })).toHaveLength(1);
    });

    test("fill a quota to the byte", async () => {
      await lab.repository.updateSpace("lab", { credits: 5, quotaBytes: 3_000_000_000 });
      await lab.commit(aFile("a", { compressedBytes: 2_999_999_000 }));
      expect(await lab.commit(aFile("b", { compressedBytes: 1001 }))).toEqual({ outcome: "quota_exceeded" });
      expect(await lab.commit(aFile("c", { compressedBytes: 1000 }))).toEqual({ outcome: "stored" });
      expect(await lab.repository.space("lab")).toMatchObject({ credits: 3 });
    });

    test("into a space that does not exist, or under a taken id, are refused whole", async () => {
      await expect(lab.commit(aFile("a", { spaceId: "elsewhere" }))).rejects.toMatchObject({ kind: "not_found" });
      await lab.repository.updateSpace("lab", { credits: 5 });
      await lab.commit(aFile("a"));
      const second = lab.commit(aFile("a", { fingerprint: "other" }), { fresh: ["p"] });
      await expect(second).rejects.toMatchObject({ kind: "conflict" });
      expect(await lab.repository.space("lab")).toMatchObject({ credits: 4 });
      expect(await lab.repository.part("lab", "p")).toBeNull();
    });
  });

  describe("sketches", () => {
    const sketched = (file: StoredFile, sketch: number[]) =>
      lab.repository.commitUpload({ file, newParts: [], usedParts: [], sketch, audit: anAudit("file.upload") });

    test("find the most similar file of the space", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      const most = 31 * 2 ** 32 + 0xffffffff;
      await sketched(aFile("a"), [1, 2, 3, most]);
      await sketched(aFile("b"), [1, 2, 30, 40, 40]);
      await sketched(aFile("c", { spaceId: "ward" }), [5, 6, 7, 8]);
      const best = async (sketch: number[], space = "lab") => {
        const found = await lab.repository.mostSimilar(space, sketch);
        return found && [found.file.id, found.shared];
      };
      expect(await best([3, most, 40, 99])).toEqual(["a", 2]);
      expect(await best([1, 30, 40])).toEqual(["b", 3]);
      expect(await best([5, 6])).toBeNull();
      expect(await best([5, 6, 1], "ward")).toEqual(["c", 2]);
      expect(await best([])).toBeNull();
      await lab.repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await best([1, 30, 40])).toEqual(["a", 1]);
    });

    test("stand beside the content, by which a file is found too", async () => {
      const file = aFile("a", { codec: "dict-transport", contentSha256: "abc" });
      await sketched(file, []);
      expect(await lab.repository.fileByContent("lab", "dict-transport", "abc")).toMatchObject({ id: "a" });
      expect(await lab.repository.fileByContent("lab", "dna", "abc")).toBeNull();
      expect(await lab.repository.fileByContent("lab", "dict-transport", "abd")).toBeNull();
      expect(await lab.repository.fileByContent("ward", "dict-transport", "abc")).toBeNull();
    });
  });

  describe("parts", () => {
    test("live as long as a file of their space uses them", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.commit(aFile("a"), { fresh: ["p", "q"] });
      await lab.commit(aFile("b"), { used: ["p"] });
      await lab.commit(aFile("c", { spaceId: "ward" }), { fresh: ["q"] });
      expect(await lab.repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await lab.repository.part("ward", "p")).toBeNull();

      expect(await lab.repository.deleteFile("lab", "a", anAudit("file.delete"))).toBe(true);
      expect(await lab.repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await lab.repository.part("lab", "q")).toBeNull();
      expect(await lab.repository.part("ward", "q")).not.toBeNull();

      await lab.repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await lab.repository.part("lab", "p")).toBeNull();
    });

    test("are found by how their hash begins among those of their file", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.commit(aFile("a"), { fresh: ["0123abcd", "9876abcd"] });
      await lab.commit(aFile("b"), { fresh: ["0123ffff"] });
      await lab.commit(aFile("c", { spaceId: "ward" }), { fresh: ["0123abcd"] });
      const of = (fileId: string, hash: string) => lab.repository.partOfFile(fileId, hash);
      expect(await of("a", "0123")).toEqual(aPart("0123abcd"));
      expect(await of("b", "0123")).toEqual(aPart("0123ffff"));
      expect(await of("c", "0123")).toEqual(aPart("0123abcd", { spaceId: "ward" }));
      expect(await of("b", "9876")).toBeNull();
    });

    test("that are gone make the upload pack again", async () => {
      await lab.repository.updateSpace("lab", { credits: 2 });
      expect(await lab.commit(aFile("a"), { used: ["p"] })).toEqual({ outcome: "part_gone", sha256: "p" });
      expect(await lab.repository.space("lab")).toMatchObject({ credits: 2 });
      expect(await lab.list()).toEqual([]);
    });

    test("that another upload stored meanwhile are dropped to garbage", async () => {
      await lab.commit(aFile("a"), { fresh: ["p"] });
      const outcome = await lab.repository.commitUpload({
        file: aFile("b"),
        newParts: [aPart("p", { objectKey: "parts/late" }), aPart("q")],
        usedParts: ["p", "q"],
        audit: anAudit("file.upload"),
      });
      expect(outcome).toEqual({ outcome: "stored" });
      expect(await lab.repository.part("lab", "p")).toEqual(aPart("p"));
      expect(await lab.garbage()).toEqual(["parts/late"]);
      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await lab.repository.part("lab", "p")).not.toBeNull();
    });

    test("that another upload stored meanwhile after a part of its own make the upload pack again", async () => {
      await lab.repository.commitUpload({
        file: aFile("a"),
        newParts: [aPart("p"), aPart("q", { prior: "p" })],
        usedParts: ["p", "q"],
        audit: anAudit("file.upload"),
      });
      const late = (file: string, usedParts: string[]) =>
        lab.repository.commitUpload({
          file: aFile(file),
          newParts: [aPart("q", { objectKey: `parts/late-${file}` })],
          usedParts,
          audit: anAudit("file.upload"),
        });
      expect(await late("b", ["q"])).toEqual({ outcome: "part_gone", sha256: "q" });
      expect(await late("b", ["q", "p"])).toEqual({ outcome: "part_gone", sha256: "q" });
      expect(await late("b", ["p", "q"])).toEqual({ outcome: "stored" });
      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await lab.repository.part("lab", "p")).not.toBeNull();
      expect(await lab.repository.primedParts("lab", ["p", "q", "r"])).toEqual([aPart("q", { prior: "p" })]);
    });

    test("with texts and without a prior are found by their size", async () => {
      const newParts = [
        aPart("a", { bytes: 100 }),
        aPart("b", { bytes: 200 }),
        aPart("c", { bytes: 300, prior: "b" }),
        aPart("d", { bytes: 400 }),
        aPart("e", { bytes: 500 }),
      ];
      const newExcerpts = ["a", "b", "c", "e"].map((sha256) => {
        return { spaceId: "lab", sha256, hash: `text of ${sha256}`, start: 0, bytes: 9 };
      });
      const usedParts = newParts.map(({ sha256 }) => sha256);
      const audit = anAudit("file.upload");
      await lab.repository.commitUpload({ file: aFile("a"), newParts, newExcerpts, usedParts, audit });
      const largest = async (least: number, most: number, space = "lab") =>
        (await lab.repository.largestText(space, { least, most }))?.sha256;
      expect(await largest(0, 1000)).toBe("e");
      expect(await largest(0, 499)).toBe("b");
      expect(await largest(50, 150)).toBe("a");
      expect(await largest(201, 499)).toBeUndefined();
      expect(await largest(0, 1000, "ward")).toBeUndefined();
    });

    /** A file whose archive is `part` of the archive of another one. */
    function adopting(id: string, of: StoredFile, part = aPart("p", { objectKey: of.objectKey })) {
      const file = aFile(id);
      const audit = anAudit("file.upload");
      return lab.repository.commitUpload({ file, newParts: [], adoptedParts: [part], usedParts: ["p"], audit });
    }

    test("may be the archives of files, which then stay for those who use them", async () => {
      const old = aFile("a");
      await lab.commit(old);
      expect(await adopting("b", old)).toEqual({ outcome: "stored" });
      expect(await adopting("c", old)).toEqual({ outcome: "stored" });
      expect(await lab.repository.part("lab", "p")).toMatchObject({ objectKey: old.objectKey });

      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await lab.garbage()).toEqual([]);
      expect(await adopting("d", old)).toEqual({ outcome: "stored" });
      for (const id of ["b", "c", "d"]) await lab.repository.deleteFile("lab", id, anAudit("file.delete"));
      expect((await lab.garbage()).sort()).toEqual(["files/a", "files/b", "files/c", "files/d"]);
    });

    test("that are archives of files do not take those along", async () => {
      const old = aFile("a");
      await lab.commit(old);
      await adopting("b", old);
      await lab.repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await lab.garbage()).toEqual(["files/b"]);
      expect(await lab.repository.part("lab", "p")).toBeNull();
    });

    test("of a file that is gone make the upload pack again", async () => {
      const old = aFile("a");
      await lab.commit(old);
      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await adopting("b", old)).toEqual({ outcome: "part_gone", sha256: "p" });
      expect(await lab.list()).toEqual([]);
    });

    test("may be many", async () => {
      const hashes = Array.from({ length: 12_000 }, (_, i) => `part-${i}`);
      await lab.commit(aFile("a"), { fresh: hashes });
      expect(await lab.commit(aFile("b"), { used: hashes })).toEqual({ outcome: "stored" });
      expect(await lab.commit(aFile("c"), { used: [...hashes, "other"] })).toEqual({
        outcome: "part_gone",
        sha256: "other",
      });
      await lab.repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await lab.garbage()).toEqual(["files/b"]);
      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await lab.repository.garbage("me", new Date(0), 20_000)).toHaveLength(12_002);
    }, 30_000);
  });

  describe("files", () => {
    test("note their last access", async () => {
      await lab.commit(aFile("a"));
      await lab.repository.touchFile("elsewhere", "a", later(3));
      expect(await lab.repository.file("lab", "a")).toMatchObject({ accessedAt: null });
      await lab.repository.touchFile("lab", "a", later(4));
      expect(await lab.repository.file("lab", "a")).toMatchObject({ accessedAt: later(4) });
    });

    test("are deleted once, by their space, and may be stored again", async () => {
      await lab.commit(aFile("a"));
      expect(await lab.repository.deleteFile("elsewhere", "a", anAudit("file.delete"))).toBe(false);
      const deletions = await Promise.all(
        [1, 2, 3].map(() => lab.repository.deleteFile("lab", "a", anAudit("file.delete"))),
      );
      expect(deletions.filter(Boolean)).toHaveLength(1);
      expect(await lab.repository.file("lab", "a")).toBeNull();
      expect(await lab.garbage()).toEqual(["files/a"]);
      expect(await lab.repository.auditTrail({ limit: 9 })).toHaveLength(2);
      expect(await lab.commit(aFile("a"))).toEqual({ outcome: "stored" });
      expect(await lab.garbage()).toEqual([]);
    });

    test("are not found by what no text can hold", async () => {
      await lab.commit(aFile("a"));
      expect(await lab.repository.file("lab", "a\0")).toBeNull();
      expect(await lab.repository.file("la\0b", "a")).toBeNull();
    });
  });

  describe("objects", () => {
    test("are reserved until a commit refers to them", async () => {
      await lab.repository.reserveObjects("me", ["files/a", "parts/p", "files/lost"], NOW);
      expect(await lab.garbage()).toEqual([]);
      await lab.commit(aFile("a"), { fresh: ["p"] });
      expect(await lab.repository.garbage("successor", new Date(0), 10)).toEqual(["files/lost"]);
    });

    test("are garbage when their owner is another, the reservation old, or the upload failed", async () => {
      await lab.repository.reserveObjects("dead", ["x"], later(-100));
      await lab.repository.reserveObjects("me", ["y"], NOW);
      await lab.repository.reserveObjects("me", ["z"], later(100));
      expect(await lab.garbage()).toEqual(["x"]);
      expect(await lab.repository.garbage(null, new Date(0), 10)).toEqual([]);
      expect(await lab.repository.garbage(null, later(1), 10)).toEqual(["x", "y"]);
      expect(await lab.repository.garbage("me", later(1), 1)).toEqual(["x"]);
      await lab.repository.abandonObjects(["z", "never-reserved"]);
      expect(await lab.garbage()).toEqual(["x", "z"]);
      await lab.repository.forgetGarbage(["x", "z"]);
      expect(await lab.garbage()).toEqual([]);
    });

    test("are never garbage while a file or a part refers to them", async () => {
      await lab.commit(aFile("a", { objectKey: "shared" }), { fresh: ["p"] });
      await lab.commit(aFile("b", { objectKey: "shared" }));
      await lab.repository.deleteFile("lab", "a", anAudit("file.delete"));
      expect(await lab.garbage()).toEqual(["parts/p"]);
      await lab.repository.reserveObjects("dead", ["shared"], NOW);
      expect(await lab.garbage()).toEqual(["parts/p"]);
      await lab.repository.deleteFile("lab", "b", anAudit("file.delete"));
      expect(await lab.garbage()).toEqual(["parts/p", "shared"]);
    });

    test("that live can be walked", async () => {
      await lab.commit(aFile("a", { objectBytes: 5_000_000_000 }), { fresh: ["p"] });
      await lab.commit(aFile("b"));
      const first = await lab.repository.liveObjects(null, 2);
      expect(first).toEqual([
        { key: "files/a", bytes: 5_000_000_000 },
        { key: "files/b", bytes: 1000 },
      ]);
      expect(await lab.repository.liveObjects("files/b", 2)).toEqual([{ key: "parts/p", bytes: 77 }]);
    });
  });
});

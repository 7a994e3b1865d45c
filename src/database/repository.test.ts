import { describe, expect, test } from "bun:test";
import { aFile, aKey, anAudit, aSpace, later, NOW, onEachDialect } from "./fixtures";
import { openDatabase } from "./open";
import type { Repository } from "./repository";

onEachDialect((lab) => {
  describe("spaces", () => {
    test("come back as they were made, oldest first", async () => {
      const ward = aSpace("ward", { credits: 3, quotaBytes: 9_007_199_254_740_991, createdAt: later(-1) });
      await lab.repository.createSpace(ward);
      expect(await lab.repository.spaces()).toEqual([ward, aSpace("lab")]);
      expect(await lab.repository.space("ward")).toEqual(ward);
      expect(await lab.repository.space("elsewhere")).toBeNull();
    });

    test("change in the named fields only", async () => {
      const changed = await lab.repository.updateSpace("lab", { credits: 7, quotaBytes: 5_000_000_000 });
      expect(changed).toEqual(aSpace("lab", { credits: 7, quotaBytes: 5_000_000_000 }));
      expect(await lab.repository.updateSpace("lab", {})).toEqual(changed);
      expect(await lab.repository.updateSpace("lab", { credits: null })).toMatchObject({ credits: null });
      expect(await lab.repository.updateSpace("elsewhere", { credits: 1 })).toBeNull();
    });

    test("have an identity once", async () => {
      await expect(lab.repository.createSpace(aSpace("lab"))).rejects.toMatchObject({ kind: "conflict" });
    });

    test("spend their credits and no more, also at once", async () => {
      await lab.repository.updateSpace("lab", { credits: 3 });
      const spent = await Promise.all(Array.from({ length: 8 }, () => lab.repository.spendCredit("lab")));
      expect(spent.filter(Boolean)).toHaveLength(3);
      expect(await lab.repository.space("lab")).toMatchObject({ credits: 0 });
    });

    test("without limit always have a credit, unknown ones never", async () => {
      expect(await lab.repository.spendCredit("lab")).toBe(true);
      expect(await lab.repository.space("lab")).toMatchObject({ credits: null });
      expect(await lab.repository.spendCredit("elsewhere")).toBe(false);
    });
  });

  describe("keys", () => {
    test("are found by hash and listed by space", async () => {
      const first = aKey("k1", { expiresAt: later(5), lastUsedAt: later(1) });
      const second = aKey("k2", { createdAt: later(1), scopes: ["admin"] });
      await lab.repository.createKey(second);
      await lab.repository.createKey(first);
      expect(await lab.repository.keyByHash("hash-k1")).toEqual(first);
      expect(await lab.repository.keyByHash("hash-k9")).toBeNull();
      expect(await lab.repository.keys("lab")).toEqual([first, second]);
      expect(await lab.repository.keys("elsewhere")).toEqual([]);
    });

    test("belong to a space that exists, and have a hash of their own", async () => {
      await lab.repository.createKey(aKey("k1"));
      await expect(lab.repository.createKey(aKey("k2", { hash: "hash-k1" }))).rejects.toMatchObject({
        kind: "conflict",
      });
      await expect(lab.repository.createKey(aKey("k3", { spaceId: "elsewhere" }))).rejects.toMatchObject({
        kind: "conflict",
      });
    });

    test("change within their space only", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.repository.createKey(aKey("k1"));
      expect(await lab.repository.updateKey("ward", "k1", { revokedAt: NOW })).toBeNull();
      expect(await lab.repository.updateKey("lab", "k1", { revokedAt: later(2) })).toEqual(
        aKey("k1", { revokedAt: later(2) }),
      );
      expect(await lab.repository.updateKey("lab", "k1", {})).toEqual(aKey("k1", { revokedAt: later(2) }));
    });

    test("rotate once, even when asked twice at once", async () => {
      await lab.repository.createKey(aKey("k1"));
      const rotations = await Promise.all(
        ["k2", "k3"].map((id) => lab.repository.rotateKey("lab", "k1", aKey(id), later(3))),
      );
      expect(rotations.sort()).toEqual([false, true]);
      expect(await lab.repository.keyByHash("hash-k1")).toMatchObject({ revokedAt: later(3) });
      expect(await lab.repository.keys("lab")).toHaveLength(2);
    });

    test("do not rotate when expired, of another space, or when the successor cannot be made", async () => {
      await lab.repository.createSpace(aSpace("ward"));
      await lab.repository.createKey(aKey("old", { expiresAt: later(1) }));
      await lab.repository.createKey(aKey("live"));
      expect(await lab.repository.rotateKey("lab", "old", aKey("k2"), later(1))).toBe(false);
      expect(await lab.repository.rotateKey("ward", "live", aKey("k2", { spaceId: "ward" }), NOW)).toBe(false);
      const clash = lab.repository.rotateKey("lab", "live", aKey("k2", { hash: "hash-old" }), NOW);
      await expect(clash).rejects.toMatchObject({ kind: "conflict" });
      expect(await lab.repository.keyByHash("hash-live")).toMatchObject({ revokedAt: null });
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
      await lab.repository.createJob(job);
      await lab.repository.updateJob("j1", { progress: 0.25 }, later(1));
      expect(await lab.repository.job("lab", "j1")).toEqual({ ...job, progress: 0.25, updatedAt: later(1) });
      await lab.repository.updateJob(
        "j1",
        { state: "done", progress: 1, result: { uploadId: "a" }, status: 201 },
        NOW,
      );
      expect(await lab.repository.job("lab", "j1")).toMatchObject({ state: "done", result: { uploadId: "a" } });
      expect(await lab.repository.job("elsewhere", "j1")).toBeNull();
    });

    test("that ran when their instance died are failed", async () => {
      await lab.repository.createJob(job);
      await lab.repository.createJob({ ...job, id: "j2", state: "done", status: 201 });
      expect(await lab.repository.failRunningJobs({ code: "shutting_down" }, 503, later(5))).toBe(1);
      expect(await lab.repository.job("lab", "j1")).toMatchObject({
        state: "failed",
        result: { code: "shutting_down" },
        status: 503,
        updatedAt: later(5),
      });
      expect(await lab.repository.job("lab", "j2")).toMatchObject({ state: "done" });
    });
  });

  describe("settings", () => {
    test("are set, changed and removed", async () => {
      expect(await lab.repository.setting("storage")).toBeNull();
      await lab.repository.setSetting("storage", "one");
      await lab.repository.setSetting("storage", "two");
      expect(await lab.repository.setting("storage")).toBe("two");
      await lab.repository.setSetting("storage", null);
      expect(await lab.repository.setting("storage")).toBeNull();
    });

    test("are taken by exactly one", async () => {
      await lab.repository.setSetting("token", "hash");
      expect(await lab.repository.takeSetting("token", "other")).toBe(false);
      const taken = await Promise.all([1, 2, 3].map(() => lab.repository.takeSetting("token", "hash")));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });

  describe("the audit trail", () => {
    test("is newest first, by space and time", async () => {
      await lab.repository.audit(anAudit("first"));
      await lab.repository.audit(
        anAudit("second", { details: { bytes: 7, why: "x" }, spaceId: null, origin: null }),
      );
      await lab.repository.audit(anAudit("third", { at: later(5), spaceId: "ward" }));
      const actions = async (query: Parameters<Repository["auditTrail"]>[0]) =>
        (await lab.repository.auditTrail(query)).map((entry) => entry.action);
      expect(await actions({ limit: 9 })).toEqual(["third", "second", "first"]);
      expect(await actions({ limit: 1 })).toEqual(["third"]);
      expect(await actions({ limit: 9, before: later(5) })).toEqual(["second", "first"]);
      expect(await actions({ limit: 9, spaceId: "lab" })).toEqual(["first"]);
      expect(await lab.repository.auditTrail({ limit: 1, before: later(1) })).toEqual([
        anAudit("second", { details: { bytes: 7, why: "x" }, spaceId: null, origin: null }),
      ]);
    });

    test("keeps what a hostile caller sent", async () => {
      await lab.repository.audit(anAudit("x", { target: "a\0b", details: { name: "a\0b" } }));
      const [entry] = await lab.repository.auditTrail({ limit: 1 });
      expect(entry).toMatchObject({ action: "x", details: { name: "a\0b" } });
    });
  });

  describe("the database", () => {
    test("answers, remembers across openings, and says when it is closed", async () => {
      await lab.commit(aFile("a"));
      await lab.repository.ping();
      await lab.repository.close();
      await expect(lab.repository.ping()).rejects.toMatchObject({ kind: "shutting_down" });
      await expect(lab.repository.setSetting("a", "b")).rejects.toMatchObject({ kind: "shutting_down" });
      await lab.repository.close();
      lab.repository = await openDatabase(lab.url);
      expect(await lab.list()).toEqual(["a"]);
    });

    test("is migrated once by instances that start together", async () => {
      const fresher = await lab.fresh();
      const instances = await Promise.all([1, 2, 3].map(() => openDatabase(fresher.url)));
      await instances[0]!.setSetting("a", "b");
      expect(await instances[2]!.setting("a")).toBe("b");
      await Promise.all(instances.map((instance) => instance.close()));
      await fresher.drop();
    });

    test("serves readers while writers work, none of whom sees half a transaction", async () => {
      const writes = Array.from({ length: 20 }, (_, i) => lab.commit(aFile(`f${i}`), { fresh: [`p${i}`] }));
      const seen: boolean[] = [];
      for (let i = 0; i < 60; i++) {
        await Bun.sleep(0);
        const file = await lab.repository.file("lab", `f${i % 20}`);
        if (file) seen.push((await lab.repository.part("lab", `p${i % 20}`)) !== null);
      }
      await Promise.all(writes);
      expect(seen).not.toContain(false);
      expect(await lab.list()).toHaveLength(20);
    });
  });
});

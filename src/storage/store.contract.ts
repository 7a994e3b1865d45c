import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Refusal, type RefusalKind } from "../errors";
import type { ObjectStore, StoredObject } from "./object-store";

/** What a promise was refused with; fails the test when it was not. */
export async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const outcome = await promise.then(
    () => "nothing was refused",
    (error) => error,
  );
  expect(outcome).toBeInstanceOf(Refusal);
  return outcome as Refusal;
}

export async function kindOf(promise: Promise<unknown>): Promise<RefusalKind> {
  return (await refusal(promise)).kind;
}

export async function listed(store: ObjectStore, prefix: string): Promise<StoredObject[]> {
  const objects = [];
  for await (const object of store.list(prefix)) objects.push(object);
  return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Few signs and short keys, so that keys often share their beginnings or are each other's folders. */
const someKey = fc
  .array(
    fc
      .tuple(fc.constantFrom("a", "b", "0"), fc.string({ unit: fc.constantFrom("a", ".", "-", "_"), maxLength: 2 }))
      .map((signs) => signs.join("")),
    { minLength: 1, maxLength: 3 },
  )
  .map((segments) => segments.join("/"));

const someSteps = fc.array(fc.record({ key: someKey, put: fc.boolean() }), { minLength: 1, maxLength: 8 });

/** What every store must do. `open` makes an empty one. */
export function describeStore(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} store`, () => {
    let store: ObjectStore;
    let scratch: string;

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), "smallest-store-"));
      store = await open();
    });

    afterAll(async () => {
      for (const { key } of await listed(store, "")) await store.remove(key);
      await store.close();
      await rm(scratch, { recursive: true });
    });

    async function fileOf(bytes: Uint8Array): Promise<string> {
      const path = join(scratch, randomBytes(8).toString("hex"));
      await writeFile(path, bytes);
      return path;
    }

    async function put(key: string, bytes: Uint8Array): Promise<void> {
      await store.putFile(key, await fileOf(bytes));
    }

    test("gives back what was put", async () => {
      const bytes = randomBytes(70_001);
      await put("archives/one.smz", bytes);
      expect(await store.size("archives/one.smz")).toBe(70_001);
      expect(Buffer.from(await store.read("archives/one.smz", 0, 70_001))).toEqual(bytes);
    });

    test("reads exactly the range that was asked for", async () => {
      const bytes = randomBytes(10_000);
      await put("ranges", bytes);
      for (const [offset, length] of [
        [0, 1],
        [9_999, 1],
        [4_321, 1_234],
        [5_000, 5_000],
        [0, 0],
        [10_000, 0],
      ] as const) {
        expect(Buffer.from(await store.read("ranges", offset, length))).toEqual(
          bytes.subarray(offset, offset + length),
        );
      }
    });

    test("calls an object damaged that is missing or shorter than the range", async () => {
      await put("short", randomBytes(100));
      expect(await kindOf(store.read("short", 0, 101))).toBe("damaged");
      expect(await kindOf(store.read("short", 100, 1))).toBe("damaged");
      expect(await kindOf(store.read("short", 2 ** 40, 2 ** 40))).toBe("damaged");
      expect(await kindOf(store.read("short", 101, 0))).toBe("damaged");
      expect(await kindOf(store.read("no/such", 0, 1))).toBe("damaged");
      expect(await kindOf(store.read("no/such", 0, 0))).toBe("damaged");
    });

    test("keeps an empty object", async () => {
      await put("empty", new Uint8Array(0));
      expect(await store.size("empty")).toBe(0);
      expect(await store.read("empty", 0, 0)).toHaveLength(0);
    });

    test("knows no size of what is not there", async () => {
      expect(await store.size("no/such")).toBeNull();
    });

    test("removes, and removes again", async () => {
      await put("gone", randomBytes(10));
      await store.remove("gone");
      await store.remove("gone");
      await store.remove("never/there");
      expect(await store.size("gone")).toBeNull();
      expect(await listed(store, "gone")).toEqual([]);
    });

    test("keeps keys apart that share their beginnings", async () => {
      const keys = ["tree", "tree/a", "tree/ab", "tree/ab/c", "tree/a-b.c_d", "tree.a"];
      for (const [index, key] of keys.entries()) await put(key, randomBytes(index + 1));
      await store.remove("tree/a");
      const left = (await listed(store, "tree")).map(({ key, size }) => [key, size]);
      expect(left).toEqual([
        ["tree", 1],
        ["tree.a", 6],
        ["tree/a-b.c_d", 5],
        ["tree/ab", 3],
        ["tree/ab/c", 4],
      ]);
    });

    test("holds what was put and not removed, whatever the keys", async () => {
      const property = fc.asyncProperty(someSteps, async (steps) => {
        const sizes = new Map<string, number>();
        for (const [index, { key, put: puts }] of steps.entries()) {
          // A value never changes: a key that is taken keeps its size.
          const size = sizes.get(key) ?? index + 1;
          if (puts) await put(`any/${key}`, randomBytes(size));
          else await store.remove(`any/${key}`);
          if (puts) sizes.set(key, size);
          else sizes.delete(key);
        }
        const found = (await listed(store, "any/")).map(({ key, size }) => [key.slice("any/".length), size]);
        for (const key of sizes.keys()) await store.remove(`any/${key}`);
        expect(new Map(found as [string, number][])).toEqual(sizes);
        expect(found).toHaveLength(sizes.size);
      });
      await fc.assert(property, { numRuns: 12 });
    }, 60_000);

    test("lists keys by prefix with size and time", async () => {
      for (let index = 0; index < 8; index++) await put(`list/${index}`, randomBytes(index));
      await put("listless", randomBytes(3));
      const objects = await listed(store, "list/");
      expect(objects.map(({ key, size }) => `${key} ${size}`)).toEqual(
        Array.from({ length: 8 }, (_, index) => `list/${index} ${index}`),
      );
      for (const { modifiedAt } of objects)
        expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(600_000);
      expect(await listed(store, "nothing/here/")).toEqual([]);
    });

    test("takes the same object again", async () => {
      const bytes = randomBytes(500);
      await put("twice", bytes);
      await put("twice", bytes);
      expect(Buffer.from(await store.read("twice", 0, 500))).toEqual(bytes);
      expect(await listed(store, "twice")).toHaveLength(1);
    });

    test("takes many objects at once", async () => {
      const contents = Array.from({ length: 12 }, () => randomBytes(5_000));
      await Promise.all(contents.map((bytes, index) => put(`many/${index}`, bytes)));
      const back = await Promise.all(contents.map((_, index) => store.read(`many/${index}`, 0, 5_000)));
      expect(back.map((bytes) => Buffer.from(bytes))).toEqual(contents);
    });

    test("takes an object of many parts whole, and ranges of it", async () => {
      const bytes = randomBytes(40_000_001);
      await put("large", bytes);
      expect(await store.size("large")).toBe(bytes.length);
      const digest = createHash("sha256");
      for (let at = 0; at < bytes.length; at += 9_000_000) {
        digest.update(await store.read("large", at, Math.min(9_000_000, bytes.length - at)));
      }
      expect(digest.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
      const border = (8 << 20) - 10;
      expect(Buffer.from(await store.read("large", border, 20))).toEqual(bytes.subarray(border, border + 20));
      expect(await kindOf(store.read("large", 40_000_000, 2))).toBe("damaged");
    }, 60_000);

    test("stores nothing when it was aborted before or meanwhile", async () => {
      const path = await fileOf(randomBytes(1_000));
      expect(await kindOf(store.putFile("aborted", path, AbortSignal.abort()))).toBe("aborted");
      expect(await store.size("aborted")).toBeNull();
      expect(existsSync(path)).toBe(true);
      expect(await kindOf(store.read("aborted", 0, 1, AbortSignal.abort()))).toBe("aborted");
    });

    test("refuses keys that could lead elsewhere", async () => {
      const path = await fileOf(randomBytes(10));
      const bad = [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/.b",
        "A",
        "a\\b",
        "a b",
        "ä",
        "a\0",
        "a,b",
      ];
      for (const key of [...bad, "a~b", "%2e", "a".repeat(181)]) {
        await expect(store.putFile(key, path)).rejects.toThrow(RangeError);
        await expect(store.read(key, 0, 1)).rejects.toThrow(RangeError);
        await expect(store.size(key)).rejects.toThrow(RangeError);
        await expect(store.remove(key)).rejects.toThrow(RangeError);
      }
      await store.putFile("a".repeat(180), path);
      expect(await store.size("a".repeat(180))).toBe(10);
    });

    test("refuses ranges that are none", async () => {
      await put("range", randomBytes(10));
      for (const [offset, length] of [
        [-1, 1],
        [0, -1],
        [0.5, 1],
        [0, Number.NaN],
        [0, Number.POSITIVE_INFINITY],
      ] as const) {
        await expect(store.read("range", offset, length)).rejects.toThrow(RangeError);
      }
    });

    test("does not take a missing file for a failed storage", async () => {
      const error = await store.putFile("missing", join(scratch, "no such file")).catch((error) => error);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(Refusal);
      expect(await store.size("missing")).toBeNull();
    });

    test("checks itself and leaves nothing behind", async () => {
      const before = await listed(store, "");
      await store.check();
      expect(await listed(store, "")).toEqual(before);
    });
  });
}

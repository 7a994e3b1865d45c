import { afterAll, describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalStore } from "./local";
import { describeStore, kindOf, listed, refusal } from "./store.contract";

const scratch = mkdtempSync(join(tmpdir(), "smallest-local-"));
const mounts: string[] = [];

afterAll(() => {
  for (const mount of mounts) execFileSync("umount", [mount]);
  rmSync(scratch, { recursive: true });
});

function folder(): string {
  return mkdtempSync(join(scratch, "x"));
}

/** A small disk of its own, or null where tests may not mount one. */
function disk(bytes: number): string | null {
  const path = folder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path], { stdio: "ignore" });
  } catch {
    return null;
  }
  mounts.push(path);
  return path;
}

const smallDisk = disk(1 << 20);
if (smallDisk === null) console.warn("skipped: tests with disks of their own; mounting them takes root");
const withDisk = test.skipIf(smallDisk === null);

describeStore("local", () => LocalStore.open(folder()));
if (smallDisk) describeStore("local (another disk)", () => LocalStore.open(disk(256 << 20)!));

describe("local store on a disk", () => {
  test("keeps objects over a restart, readable by their owner only", async () => {
    const root = join(folder(), "objects");
    const path = join(scratch, "restart");
    writeFileSync(path, "content");
    const first = await LocalStore.open(root);
    await first.putFile("a/b", path);
    await first.close();
    const second = await LocalStore.open(root);
    expect(Buffer.from(await second.read("a/b", 0, 7)).toString()).toBe("content");
    expect(statSync(root).mode & 0o077).toBe(0);
  });

  test("spreads objects over folders", async () => {
    const root = folder();
    const store = await LocalStore.open(root);
    for (let index = 0; index < 40; index++) {
      const path = join(scratch, `spread-${index}`);
      writeFileSync(path, "x");
      await store.putFile(`spread/${index}`, path);
    }
    expect(readdirSync(root).length).toBeGreaterThan(20);
    expect(await listed(store, "spread/")).toHaveLength(40);
  });

  test("moves a file that is on the same disk", async () => {
    const path = join(scratch, "moved");
    writeFileSync(path, "x");
    const { ino } = statSync(path);
    const root = folder();
    const store = await LocalStore.open(root);
    await store.putFile("moved", path);
    expect(existsSync(path)).toBe(false);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map((entry) => statSync(join(entry.parentPath, entry.name)).ino)).toEqual([ino]);
  });

  test("takes no file of strangers for an object", async () => {
    const root = folder();
    const store = await LocalStore.open(root);
    writeFileSync(join(root, "notes.txt"), "x");
    mkdirSync(join(root, "incoming"));
    writeFileSync(join(root, "incoming", "half"), "x");
    expect(await listed(store, "")).toEqual([]);
  });

  test("does not take a vanished disk for an empty one", async () => {
    const root = join(folder(), "objects");
    const store = await LocalStore.open(root);
    const path = join(scratch, "vanished");
    writeFileSync(path, "x");
    rmSync(root, { recursive: true });
    expect(await kindOf(store.putFile("a", path))).toBe("storage_unavailable");
    expect(await kindOf(store.read("a", 0, 1))).toBe("storage_unavailable");
    expect(await kindOf(store.size("a"))).toBe("storage_unavailable");
    expect(await kindOf(store.remove("a"))).toBe("storage_unavailable");
    expect(await kindOf(listed(store, ""))).toBe("storage_unavailable");
    expect(await kindOf(store.check())).toBe("storage_unavailable");
    expect(existsSync(root)).toBe(false);
    expect(existsSync(path)).toBe(true);
  });

  test("does not open in a path that is not there, or in a file", async () => {
    expect(await kindOf(LocalStore.open(join(scratch, "no", "such", "path")))).toBe("storage_unavailable");
    const path = join(scratch, "a-file");
    writeFileSync(path, "x");
    expect(await kindOf(LocalStore.open(path))).toBe("storage_unavailable");
    expect(await kindOf(LocalStore.open(join(path, "below")))).toBe("storage_unavailable");
  });

  withDisk("says that the disk is full, and has nothing of the object", async () => {
    const store = await LocalStore.open(join(smallDisk!, "objects"));
    const path = join(scratch, "too-large");
    writeFileSync(path, randomBytes(2 << 20));
    const full = await refusal(store.putFile("big", path));
    expect(full.kind).toBe("disk_full");
    expect(full.message).toContain(store.root);
    expect(await store.size("big")).toBeNull();
    expect(incoming(store)).toEqual([]);
    const small = join(scratch, "small-enough");
    writeFileSync(small, "x");
    await store.putFile("small", small);
    expect(await store.size("small")).toBe(1);
  });

  withDisk("says that the disk is read-only", async () => {
    const root = disk(1 << 20)!;
    const store = await LocalStore.open(root);
    execFileSync("mount", ["-o", "remount,ro", root]);
    const path = join(scratch, "read-only");
    writeFileSync(path, "x");
    const refused = await refusal(store.putFile("a", path));
    expect([refused.kind, refused.details]).toEqual(["storage_unavailable", { cause: "EROFS" }]);
    expect(await kindOf(store.check())).toBe("storage_unavailable");
  });

  withDisk("stops copying when it is aborted", async () => {
    const store = await LocalStore.open(disk(512 << 20)!);
    const path = sparseFile("aborted", 400 << 20);
    const abort = new AbortController();
    const put = store.putFile("aborted", path, abort.signal);
    await until(() => incoming(store).length > 0);
    abort.abort();
    expect(await kindOf(put)).toBe("aborted");
    expect(await store.size("aborted")).toBeNull();
    expect(incoming(store)).toEqual([]);
  });

  withDisk(
    "shows nothing of a put that was killed, and clears it up",
    async () => {
      const store = await LocalStore.open(disk(512 << 20)!);
      const path = sparseFile("killed", 400 << 20);
      const program = `
      import { LocalStore } from ${JSON.stringify(join(import.meta.dir, "local.ts"))};
      const store = await LocalStore.open(${JSON.stringify(store.root)});
      await store.putFile("killed", ${JSON.stringify(path)});`;
      const child = spawn(process.execPath, ["-e", program], { stdio: "inherit" });
      const exit = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
      await until(() => incoming(store).length > 0);
      child.kill("SIGKILL");
      expect(await exit).toBe("SIGKILL");
      expect(incoming(store)).toHaveLength(1);
      expect(await store.size("killed")).toBeNull();
      expect(await listed(store, "")).toEqual([]);
      await store.remove("kille");
      expect(incoming(store)).toHaveLength(1);
      await store.remove("killed");
      expect(incoming(store)).toEqual([]);
    },
    30_000,
  );
});

/** Names of the copies in the making. */
function incoming(store: LocalStore): string[] {
  const path = join(store.root, "incoming");
  return existsSync(path) ? readdirSync(path) : [];
}

/** A file of holes: takes no space, and long enough to copy. */
function sparseFile(name: string, bytes: number): string {
  const path = join(scratch, name);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(1);
}

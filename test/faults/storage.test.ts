import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { TestAppliance } from "../support/appliance";
import type { JsonAnswer } from "../support/client";
import { noise } from "../support/content";

const MEBIBYTE = 1 << 20;
const LOG = new TextEncoder().encode("Jan  1 00:00:01 host sshd[12]: Accepted publickey for root\n".repeat(500));

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof TestAppliance.start>[0] = {}): Promise<TestAppliance> {
  const appliance = await TestAppliance.start(options);
  cleanups.push(() => appliance.stop());
  return appliance;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "smallest-fault-"));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Mounts a disk of `mebibytes` at `path`; false where that takes rights that we lack. */
function mountSmallDisk(path: string, mebibytes: number): boolean {
  mkdirSync(path, { recursive: true });
  const { exitCode } = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  if (exitCode === 0) cleanups.push(() => void Bun.spawnSync(["umount", "-l", path]));
  return exitCode === 0;
}

function codeOf({ status, body }: JsonAnswer): [number, string] {
  return [status, body.code];
}

function filesUnder(path: string): string[] {
  return [...new Glob("**/*").scanSync({ cwd: path, onlyFiles: true })];
}

describe("a full disk", () => {
  for (const [what, size] of [
    ["that cannot take the upload", 40],
    ["that takes the upload but not its archive", 17],
  ] as const) {
    test(`${what} is a 507 that leaves nothing`, async () => {
      const disk = folder();
      if (!mountSmallDisk(disk, 24))
        return console.warn("not root: no small disk can be mounted, so nothing was tested");
      const appliance = await start({ data: disk });
      expect(
        await codeOf(await appliance.upload("/api/general/upload", noise(size * MEBIBYTE), "noise.bin")),
      ).toEqual([507, "disk_full"]);
      expect(filesUnder(join(disk, "spool"))).toEqual([]);
      expect(filesUnder(join(disk, "objects"))).toEqual([]);
      expect((await appliance.upload("/api/log-files/upload", LOG, "a.log")).status).toBe(201);
    });
  }
});

describe("storage that is away", () => {
  test("is a 503 for uploads and downloads, and all is well once it is back", async () => {
    const appliance = await start();
    const { uploadId } = (await appliance.upload("/api/log-files/upload", LOG, "a.log")).body;
    const objects = join(appliance.data, "objects");
    renameSync(objects, `${objects}.away`);
    expect(await codeOf(await appliance.upload("/api/log-files/upload", LOG.subarray(1), "b.log"))).toEqual([
      503,
      "storage_unavailable",
    ]);
    expect(await codeOf(await appliance.json(`/api/files/${uploadId}/download`))).toEqual([
      503,
      "storage_unavailable",
    ]);
    expect((await appliance.fetch("/api/ready")).status).toBe(503);
    expect((await appliance.fetch("/api/health")).status).toBe(200);
    renameSync(`${objects}.away`, objects);
    expect((await appliance.fetch("/api/ready")).status).toBe(200);
    expect(Buffer.compare(await appliance.download(uploadId), LOG)).toBe(0);
    expect((await appliance.upload("/api/log-files/upload", LOG.subarray(1), "b.log")).status).toBe(201);
  });

  test("an S3 that nobody answers for is a 503, quickly, and the spool is empty", async () => {
    const appliance = await start({
      env: {
        SMALLEST_STORAGE: "s3",
        SMALLEST_S3_ENDPOINT: "http://127.0.0.1:9",
        SMALLEST_S3_BUCKET: "bucket",
        SMALLEST_S3_ACCESS_KEY_ID: "key",
        SMALLEST_S3_SECRET_ACCESS_KEY: "secret",
      },
    });
    expect(await codeOf(await appliance.upload("/api/log-files/upload", LOG, "a.log"))).toEqual([
      503,
      "storage_unavailable",
    ]);
    expect(filesUnder(join(appliance.data, "spool"))).toEqual([]);
    expect((await appliance.json("/api/files")).body.files).toEqual([]);
  });

  test("no storage at all is a 503 that says so", async () => {
    const appliance = await start({ env: { SMALLEST_STORAGE: "none" } });
    expect(await codeOf(await appliance.upload("/api/log-files/upload", LOG, "a.log"))).toEqual([
      503,
      "storage_not_configured",
    ]);
  });
});

describe("memory", () => {
  test("stays bounded while a large file goes in and out", async () => {
    const appliance = await start();
    const block = noise(8 * MEBIBYTE);
    const body = new Blob(Array.from({ length: 24 }, () => block));
    const answer = await appliance.upload("/api/general/upload?level=fast", body, "large.bin");
    expect(answer.status).toBe(201);
    const response = await appliance.fetch(`/api/files/${answer.body.uploadId}/download`);
    const hasher = new Bun.CryptoHasher("sha256");
    for await (const chunk of response.body!) hasher.update(chunk);
    const expected = new Bun.CryptoHasher("sha256");
    for (let i = 0; i < 24; i++) expected.update(block);
    expect(hasher.digest("hex")).toBe(expected.digest("hex"));
    const status = await Bun.file(`/proc/${appliance.process.pid}/status`).text();
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    expect(peak).toBeLessThan(400 * 1_000_000);
    expect(statSync(join(appliance.data, "smallest.db")).size).toBeGreaterThan(0);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { avi } from "../../src/media/testing/avi";
import { readMp4 } from "../../src/media/testing/mp4";
import { jpegOf, photo } from "../../src/media/testing/pictures";
import { TestAppliance } from "../support/appliance";
import { BUILD_MS, buildExecutable } from "../support/executable";

// The executable is built, put elsewhere and run where the source tree cannot be seen, from another directory and
// with no program in the path: whatever it needs must be inside.
const ROOT = resolve(import.meta.dir, "../..");
const SLOW = 120_000;

const folder = mkdtempSync(join(tmpdir(), "smallest-smoke-"));
let executable: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Only root may mount; others see the source tree, but still run from elsewhere. */
const canHide = Bun.spawnSync(["unshare", "--mount", "true"]).exitCode === 0;

function hidden(...command: string[]): string[] {
  const script = `${canHide ? `mount -t tmpfs none '${ROOT}' && ` : ""}cd / && PATH=/nonexistent exec "$@"`;
  return [...(canHide ? ["unshare", "--mount"] : []), "/bin/sh", "-c", script, "sh", ...command];
}

function smallest(...words: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(hidden(executable, ...words));
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

beforeAll(async () => {
  executable = await buildExecutable();
}, BUILD_MS);

test("says its version", () => {
  const { exitCode, stdout } = smallest("version");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^smallest \d+\.\d+\.\d+/);
});

test(
  "compresses and decompresses without a server",
  async () => {
    const input = join(folder, "access.log");
    const lines = Array.from(
      { length: 5000 },
      (_, i) => `2026-01-01T00:00:${i % 60} GET /page/${i % 97} 200 ${i}\n`,
    );
    await Bun.write(input, lines.join(""));
    const packed = smallest("compress", "--codec", "log-files", "--json", input, "-o", `${input}.smz`);
    expect(packed.stderr).toBe("");
    const report = JSON.parse(packed.stdout);
    expect(report).toMatchObject({ codec: "log-files", lossless: true, verified: true });
    expect(report.compressedBytes).toBeLessThan(report.originalBytes / 4);
    expect(smallest("verify", `${input}.smz`).exitCode).toBe(0);
    expect(smallest("decompress", `${input}.smz`, "-o", `${input}.back`).exitCode).toBe(0);
    expect(await Bun.file(`${input}.back`).text()).toBe(lines.join(""));
  },
  SLOW,
);

describe("serves", () => {
  let appliance: TestAppliance;
  beforeAll(async () => {
    appliance = await TestAppliance.start({ command: hidden(executable) });
  }, SLOW);
  afterAll(() => appliance?.stop());

  test(
    "an upload and its download",
    async () => {
      const bytes = Buffer.from("SEQUENCE\n".repeat(20_000));
      const uploaded = await appliance.upload("/api/auto/upload", bytes, "notes.txt");
      expect(uploaded.status).toBe(201);
      expect(uploaded.body.verified).toBe(true);
      expect(bytes.equals(await appliance.download(uploaded.body.uploadId))).toBe(true);
    },
    SLOW,
  );

  test("the web page with its script and style", async () => {
    const page = await (await fetch(appliance.url)).text();
    const assets = Array.from(page.matchAll(/(?:src|href)="\.?(\/[^"]+)"/g), ([, path]) => path!);
    expect(assets.length).toBeGreaterThan(0);
    for (const path of assets) expect((await fetch(appliance.url + path)).status).toBe(200);
  });

  test("the documentation", async () => {
    const page = await (await fetch(`${appliance.url}/docs`)).text();
    const assets = Array.from(page.matchAll(/(?:src|href)="([^"#:]+)"/g), ([, path]) => path!);
    expect(assets.length).toBeGreaterThan(0);
    for (const path of assets) {
      expect((await fetch(new URL(path, `${appliance.url}/docs`))).status).toBe(200);
    }
    const description = (await (await fetch(`${appliance.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(description.paths)).toContain("/api/compress");
  });

  test(
    "a smaller picture",
    async () => {
      const picture = await jpegOf(photo(320, 240));
      const form = new FormData();
      form.set("image", new Blob([Buffer.from(picture)]), "photo.jpg");
      const response = await appliance.fetch("/api/compress", { method: "POST", body: form });
      expect(response.status).toBe(200);
      expect((await response.bytes()).length).toBeLessThan(picture.length);
    },
    SLOW,
  );

  test.skipIf(process.arch !== "x64")(
    "a film as AV1, by the engine inside",
    async () => {
      const frames = await Promise.all(
        Array.from({ length: 12 }, (_, index) => jpegOf(photo(160, 120, index), 90)),
      );
      const form = new FormData();
      form.set("video", new Blob([avi(frames, { width: 160, height: 120, rate: 12, sound: true })]), "film.avi");
      const response = await appliance.fetch("/api/compress", { method: "POST", body: form });
      expect(response.status).toBe(200);
      expect(readMp4(Buffer.from(await response.bytes())).codecs.toSorted()).toEqual(["Opus", "av01"]);
      expect(readdirSync(join(appliance.data, "cache"))).toHaveLength(1);
    },
    SLOW,
  );
});

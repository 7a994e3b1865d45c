import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BUILD_MS, buildExecutable } from "../support/executable";

const SCRIPT = resolve(import.meta.dir, "../../install.sh");
const SLOW = 120_000;

const home = mkdtempSync(join(tmpdir(), "smallest-home-"));
const data = join(home, "data");
const port = freePort();
let executable: string;

beforeAll(async () => {
  executable = await buildExecutable();
}, BUILD_MS);

afterAll(() => {
  install("--uninstall");
  rmSync(home, { recursive: true, force: true });
});

function freePort(): number {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  return port!;
}

/** Installs for a user whose home is a folder of this test. */
function install(...options: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [SCRIPT, "--user", "--data", data, "--binary", executable, ...options],
    // No session bus: the service runs in the background, as on machines without systemd.
    { cwd: "/", env: { PATH: process.env.PATH, HOME: home } },
  );
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

function pid(): string {
  return readFileSync(join(data, "smallest.pid"), "utf8").trim();
}

test(
  "installs, starts, and prints an address and a key that work",
  async () => {
    const { exitCode, stdout, stderr } = install("--port", String(port));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const url = /running: (\S+)/.exec(stdout)![1]!;
    const key = /^Key: (smz_\w+)$/m.exec(stdout)![1]!;
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const answer = await fetch(`${url}/api/keys`, { headers: { "x-api-key": key } });
    expect(answer.status).toBe(200);
    expect(readFileSync(join(data, "smallest.log"), "utf8")).not.toContain(key);
  },
  SLOW,
);

test(
  "a second time changes nothing and shows no key",
  async () => {
    const before = pid();
    const { exitCode, stdout } = install();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`http://127.0.0.1:${port}`);
    expect(stdout).not.toMatch(/smz_/);
    expect(pid()).toBe(before);
  },
  SLOW,
);

test(
  "a new port takes effect",
  async () => {
    const other = freePort();
    const before = pid();
    expect(install("--port", String(other)).stdout).toContain(`:${other}`);
    expect(pid()).not.toBe(before);
    expect((await fetch(`http://127.0.0.1:${other}/api/health`)).status).toBe(200);
  },
  SLOW,
);

test(
  "goes away and leaves the data",
  () => {
    const running = pid();
    const { exitCode, stdout } = install("--uninstall");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(data);
    expect(existsSync(`/proc/${running}`)).toBe(false);
    expect(readdirSync(join(home, ".local/bin"))).toEqual([]);
    expect(existsSync(join(data, "smallest.db"))).toBe(true);
    expect(install("--uninstall").exitCode).toBe(0);
  },
  SLOW,
);

test("says what is wrong with its options", () => {
  expect(install("--port", "70000")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("65535") });
  expect(install("--bogus").exitCode).toBe(2);
  expect(install("--binary", "/nonexistent").stderr).toContain("/nonexistent");
});

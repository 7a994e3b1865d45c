import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Scope } from "../../src/database/repository";
import { TestAppliance } from "../support/appliance";
import { jsonRequest } from "../support/client";
import { Appliance } from "../support/in-process";

let appliance: Appliance;
beforeAll(async () => {
  appliance = await Appliance.start();
});
afterAll(() => appliance.close());

const UNKNOWN = "0123456789ab";
const FORM = { method: "POST", body: new FormData() };
/** Every call that needs a key, and the scope that it needs. */
const CALLS: readonly [string, RequestInit, Scope][] = [
  ["/api/log-files/upload", FORM, "write"],
  ["/api/log-files/upload", { method: "PUT", body: "x" }, "write"],
  [`/api/uploads/${UNKNOWN}`, {}, "write"],
  ["/api/events", {}, "read"],
  ["/api/files", {}, "read"],
  [`/api/files/${UNKNOWN}`, {}, "read"],
  [`/api/files/${UNKNOWN}/download`, {}, "read"],
  [`/api/files/${UNKNOWN}/archive`, {}, "read"],
  [`/api/files/${UNKNOWN}`, { method: "DELETE" }, "delete"],
  ["/api/compress", FORM, "write"],
  ["/api/keys", {}, "admin"],
  ["/api/keys", jsonRequest("POST", { name: "x" }), "admin"],
  [`/api/keys/${UNKNOWN}/revoke`, { method: "POST" }, "admin"],
  [`/api/keys/${UNKNOWN}/rotate`, { method: "POST" }, "admin"],
  ["/api/space", {}, "read"],
  ["/api/settings/storage", {}, "admin"],
  ["/api/settings/storage", jsonRequest("PUT", { kind: "none" }), "admin"],
  ["/api/settings/storage/test", { method: "POST" }, "admin"],
  ["/api/audit", {}, "admin"],
];

describe("every call that needs a key", () => {
  test("is 401 without one and with a wrong one", async () => {
    for (const [path, init] of [...CALLS, ["/api/codecs", {}, "read"] as const]) {
      for (const key of [undefined, "", "wrong", `${appliance.key}x`, appliance.key.toUpperCase()]) {
        const headers = new Headers(init.headers);
        if (key !== undefined) headers.set("x-api-key", key);
        const response = await fetch(appliance.url + path, { ...init, headers });
        expect([path, response.status, await response.json()]).toEqual([
          path,
          401,
          { error: expect.any(String), code: "unauthorized" },
        ]);
      }
    }
  });

  test("is 403 for a key without its scope, naming the scope", async () => {
    const scopes: Scope[] = ["read", "write", "delete", "admin"];
    for (const scope of scopes) {
      const key = await appliance.keyWith(...scopes.filter((other) => other !== scope));
      for (const [path, init] of CALLS.filter(([, , needed]) => needed === scope)) {
        const headers = new Headers(init.headers);
        headers.set("x-api-key", key);
        const { status, body } = await appliance.json(path, { ...init, headers });
        expect([path, status, body.code, body.error]).toEqual([
          path,
          403,
          "forbidden",
          expect.stringContaining(scope),
        ]);
      }
    }
  });
});

test("health, readiness, metrics and documentation need no key", async () => {
  for (const path of ["/api/health", "/api/ready", "/metrics", "/openapi.json", "/docs", "/"]) {
    expect([path, (await fetch(appliance.url + path)).status]).toEqual([path, 200]);
  }
});

test.skipIf(process.platform !== "linux")(
  "an unauthorized upload of 512 MiB is answered before its body is sent, and costs nothing",
  async () => {
    const alone = await TestAppliance.start();
    const socket = connect(Number(new URL(alone.url).port), "127.0.0.1");
    socket.setMaxListeners(0);
    const before = peakMemory(alone.process.pid);
    socket.write(`POST /api/log-files/upload HTTP/1.1\r\nHost: x\r\nContent-Length: ${512 << 20}\r\n\r\n`);
    const answer = await new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(String(chunk))));
    expect(answer).toStartWith("HTTP/1.1 401");
    const piece = Buffer.alloc(1 << 20);
    for (let sent = 0; sent < 512 && !socket.destroyed; sent++) {
      if (!socket.write(piece))
        await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
    }
    socket.destroy();
    expect(peakMemory(alone.process.pid) - before).toBeLessThan(64 << 20);
    expect(readdirSync(join(alone.data, "spool"))).toEqual([]);
    await alone.stop();
  },
);

test("a client that asks before it sends its body is refused or invited", async () => {
  const ask = (key: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(appliance.url).port), "127.0.0.1");
      const head = `PUT /api/log-files/upload HTTP/1.1\r\nHost: x\r\nx-api-key: ${key}\r\nContent-Length: 9`;
      socket.write(`${head}\r\nExpect: 100-continue\r\n\r\n`);
      socket.once("data", (chunk) => {
        resolve(String(chunk));
        socket.destroy();
      });
    });
  expect(await ask("wrong")).toMatch(/^HTTP\/1.1 401 [\s\S]*connection: close/i);
  expect(await ask(appliance.key)).toStartWith("HTTP/1.1 100 Continue");
});

describe("a space", () => {
  test("sees its own files only", async () => {
    const database = await appliance.database();
    const now = new Date();
    const key = "smz_of-another-space";
    const hash = new Bun.CryptoHasher("sha256").update(key).digest("hex");
    await database.createSpace({ id: "other", name: "Other", credits: null, quotaBytes: null, createdAt: now });
    await database.createKey({
      id: "0123456789ef",
      spaceId: "other",
      name: "other",
      prefix: "smz_of",
      hash,
      scopes: ["read", "write", "delete", "admin"],
      createdAt: now,
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    await database.close();
    const content = "Mar  8 12:00:00 host a[1]: b\n".repeat(10);
    const mine = await appliance.upload("/api/log-files/upload", content, "mine.log");
    const headers = { "x-api-key": key };
    for (const [method, suffix] of [
      ["GET", ""],
      ["GET", "/download"],
      ["GET", "/archive"],
      ["DELETE", ""],
    ]) {
      const path = `/api/files/${mine.body.uploadId}${suffix}`;
      expect((await appliance.json(path, { method, headers })).status).toBe(404);
    }
    const { body } = await appliance.json("/api/files", { headers });
    expect([body.files, body.usage.totalFiles]).toEqual([[], 0]);
    const same = {
      method: "PUT",
      body: content,
      headers: { ...headers, "content-type": "application/octet-stream" },
    };
    expect((await appliance.json("/api/log-files/upload?filename=mine.log", same)).status).toBe(201);
  });
});

describe("rate limits", () => {
  test("stop a key that asks too often, and say for how long", async () => {
    const limited = await Appliance.start({ rateLimit: 5 });
    try {
      const statuses: number[] = [];
      for (let call = 0; call < 6; call++) statuses.push((await limited.fetch("/api/space")).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      const { headers, body } = await limited.json("/api/space");
      expect(Number(headers.get("retry-after"))).toBeWithin(1, 13);
      expect(body.code).toBe("rate_limited");
    } finally {
      await limited.close();
    }
  });

  test("stop an address that guesses, and never a right key", async () => {
    const limited = await Appliance.start({ failureLimit: 3, trustedProxies: ["127.0.0.1"] });
    try {
      const guess = (from: string) =>
        limited.fetch("/api/space", { headers: { "x-api-key": "guess", "x-forwarded-for": from } });
      const statuses: number[] = [];
      for (let call = 0; call < 4; call++) statuses.push((await guess("192.0.2.1")).status);
      expect(statuses).toEqual([401, 401, 401, 429]);
      expect((await guess("192.0.2.1")).headers.get("retry-after")).toMatch(/^\d+$/);
      expect((await guess("192.0.2.2")).status).toBe(401);
      const right = { headers: { "x-forwarded-for": "192.0.2.1" } };
      expect((await limited.fetch("/api/space", right)).status).toBe(200);
      const setup = { ...jsonRequest("POST", { token: "guess" }) };
      setup.headers = { ...setup.headers, "x-forwarded-for": "192.0.2.1" };
      expect((await limited.fetch("/api/setup", setup)).status).toBe(429);
    } finally {
      await limited.close();
    }
  });
});

/** Bytes. */
function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

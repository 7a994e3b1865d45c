import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { connect } from "node:net";
import { type ServerOptions, startServer } from "../../src/server/server";
import type { Vault } from "../../src/vault/vault";
import { Appliance } from "../support/in-process";
import { until } from "../support/until";

let appliance: Appliance;
beforeAll(async () => {
  appliance = await Appliance.start();
});
afterAll(() => appliance.close());

/** A server on what little of a vault a test needs. */
function serve(options: Partial<ServerOptions> & Pick<ServerOptions, "vault">) {
  const media = { compressImage: () => Promise.reject(), compressVideo: () => Promise.reject() };
  return startServer({ media, host: "127.0.0.1", port: 0, ...options });
}

/** Sends raw bytes; what comes back until the connection closes. */
function exchange(...lines: string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(appliance.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk)).on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

describe("an address that is not there", () => {
  test.each([
    "/api",
    "/api/nope",
    "/api/files/a/b/c",
    "/docs/nope.js",
    "//evil/api/files",
    "/%00",
    "/api/files%2F",
  ])("%s is 404 in JSON", async (path) => {
    const { status, body } = await appliance.json(path);
    expect([status, body.code]).toEqual([404, "not_found"]);
  });

  test.each([
    ["PATCH", "/api/files", "GET, HEAD"],
    ["POST", "/api/files/0123abcd", "DELETE, GET, HEAD"],
    ["DELETE", "/api/log-files/upload", "POST, PUT"],
    ["GET", "/api/log-files/upload", "POST, PUT"],
    ["GET", "/api/compress", "POST"],
    ["POST", "/", "GET, HEAD"],
  ])("%s %s is 405 with what is allowed", async (method, path, allow) => {
    const { status, headers, body } = await appliance.json(path, { method });
    expect([status, body.code, headers.get("allow")]).toEqual([405, "method_not_allowed", allow]);
  });

  test("OPTIONS tells what is allowed", async () => {
    const response = await appliance.fetch("/api/files", { method: "OPTIONS" });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, HEAD"]);
  });
});

describe("every answer", () => {
  test("carries a request id, one's own where it is harmless", async () => {
    for (const path of ["/", "/api/files", "/nope", "/docs", "/metrics"]) {
      expect((await appliance.fetch(path)).headers.get("x-request-id")).toMatch(/^[\w.-]{8,64}$/);
    }
    const id = async (wished: string) =>
      (await appliance.fetch("/api/health", { headers: { "x-request-id": wished } })).headers.get("x-request-id");
    expect(await id("trace-0123.45")).toBe("trace-0123.45");
    expect(await id('bad "id"')).not.toContain("bad");
    expect(await id("x".repeat(65))).not.toContain("x".repeat(65));
  });

  test("forbids sniffing, framing and foreign scripts", async () => {
    for (const path of ["/", "/api/files", "/nope", "/docs"]) {
      const { headers } = await appliance.fetch(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    }
    const policy = (await appliance.fetch("/")).headers.get("content-security-policy");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
  });
});

describe("bytes that are no good HTTP", () => {
  test.each([
    ["garbage", ["\u0016\u0003\u0001\u0002"], "400"],
    ["a header bomb", ["GET / HTTP/1.1", "Host: x", `X: ${"y".repeat(40_000)}`], "431"],
    ["many headers", ["GET / HTTP/1.1", "Host: x", ...Array.from({ length: 3_000 }, (_, n) => `X${n}: y`)], "431"],
    ["an endless address", [`GET /${"y".repeat(40_000)} HTTP/1.1`, "Host: x"], "4(31|00)"],
    ["two lengths", ["POST / HTTP/1.1", "Host: x", "Content-Length: 1", "Content-Length: 2"], "400"],
    ["length and chunks", ["POST / HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"], "400"],
    ["no host", ["GET / HTTP/1.1"], "400"],
  ])("%s", async (_what, lines, status) => {
    expect(await exchange(...lines)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test("headers that are too long are named as such, and odd expectations ignored", async () => {
    const bomb = await exchange("GET / HTTP/1.1", "Host: x", `X: ${"y".repeat(40_000)}`);
    expect(bomb).toContain('"code":"headers_too_large"');
    const odd = await exchange("GET /api/health HTTP/1.1", "Host: x", "Expect: tea", "Connection: close");
    expect(odd).toStartWith("HTTP/1.1 200");
  });

  test.each(["TRACE", "PROPFIND", "M-SEARCH"])("the strange method %s is 405", async (method) => {
    const answer = await exchange(`${method} /api/files HTTP/1.1`, "Host: x", "Connection: close");
    expect(answer).toStartWith("HTTP/1.1 405");
  });

  test("a request in absolute form is for the path", async () => {
    const answer = await exchange("GET http://evil.example/api/health HTTP/1.1", "Host: x", "Connection: close");
    expect(answer).toStartWith("HTTP/1.1 200");
  });
});

test("what fails unexpectedly shows nothing of its inside, and the log has it", async () => {
  const written: string[] = [];
  const write = spyOn(process.stderr, "write").mockImplementation((line) => Boolean(written.push(String(line))));
  const vault = { readiness: () => Promise.reject(new Error("secret detail")) } as unknown as Vault;
  const server = await serve({ vault, accessLog: true });
  try {
    const response = await fetch(`${server.url}/api/ready`);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toEqual({ error: expect.any(String), code: "internal" });
    expect(text).not.toContain("secret");
    const id = response.headers.get("x-request-id");
    const lines = written.map((line) => JSON.parse(line));
    expect(lines.find(({ event }) => event === "failure")).toMatchObject({
      requestId: id,
      message: "secret detail",
    });
    expect(lines.find(({ event }) => event === "request")).toEqual({
      time: expect.any(String),
      event: "request",
      requestId: id,
      method: "GET",
      path: "/api/ready",
      status: 500,
      bytes: text.length,
      ms: expect.any(Number),
      address: "127.0.0.1",
      key: null,
    });
  } finally {
    write.mockRestore();
    await server.stop(0);
  }
});

test("a port that is taken is a clear refusal", async () => {
  const port = Number(new URL(appliance.url).port);
  const second = serve({ vault: {} as Vault, port });
  await expect(second).rejects.toMatchObject({ kind: "conflict", message: expect.stringContaining(String(port)) });
});

describe("a server that stops", () => {
  test("finishes what runs, refuses what is new on open connections, then listens no more", async () => {
    let release = () => {};
    let waiting = 0;
    const held = new Promise<void>((resolve) => (release = resolve));
    const readiness = async () => {
      waiting++;
      await held;
      return { ready: true, storage: "ok", database: "ok", workers: "ok" };
    };
    const server = await serve({ vault: { readiness } as unknown as Vault });
    const running = fetch(`${server.url}/api/ready`);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const received: string[] = [];
    socket.on("data", (chunk) => received.push(String(chunk)));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write("GET /api/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => waiting === 2, "two calls that wait");
    const stopped = server.stop(10_000);
    socket.write("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n");
    await Bun.sleep(100);
    release();
    expect((await running).status).toBe(200);
    await Promise.all([stopped, closed]);
    const statuses = [...received.join("").matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]);
    expect(statuses[0]).toBe("200");
    expect(statuses.slice(1)).not.toContain("200");
    await expect(fetch(`${server.url}/api/health`)).rejects.toThrow();
  });

  test("cuts off what does not end in time", async () => {
    let waiting = 0;
    const readiness = () => new Promise(() => waiting++);
    const vault = { readiness } as unknown as Vault;
    const server = await serve({ vault });
    const running = fetch(`${server.url}/api/ready`).then(
      () => "answered",
      () => "cut off",
    );
    await until(() => waiting === 1, "a call that waits");
    await server.stop(200);
    expect(await running).toBe("cut off");
  });
});

import { afterAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { type S3TestSettings, s3TestSettings } from "../../test/s3/settings";
import { S3Store } from "./s3";
import { S3Connection } from "./s3-connection";
import { describeStore, kindOf, listed, refusal } from "./store.contract";

const server = s3TestSettings();
if (!server) console.warn("skipped: the S3 server tests; test/s3/README.md says how to have one");

const scratch = mkdtempSync(join(tmpdir(), "smallest-s3-"));
afterAll(() => rmSync(scratch, { recursive: true }));

function sparseFile(name: string, bytes: number): string {
  const path = join(scratch, name);
  writeFileSync(path, "");
  truncateSync(path, bytes);
  return path;
}

/** The server with a prefix that nothing else uses. */
function place(change: Partial<S3TestSettings> = {}): S3TestSettings {
  return { ...server!, prefix: `${server!.prefix}/${randomUUID()}`, ...change };
}

if (server) describeStore("s3", async () => new S3Store(place()));

describe.skipIf(!server)("s3 store on a server", () => {
  test("keeps stores with different prefixes apart, however the prefix is written", async () => {
    const prefix = `${server!.prefix}/${randomUUID()}`.replace(/^\/+/, "");
    const store = new S3Store(place({ prefix }));
    const same = new S3Store(place({ prefix: `/${prefix}/` }));
    const other = new S3Store(place({ prefix: `${prefix}x` }));
    const path = sparseFile("prefix", 10);
    await store.putFile("a", path);
    expect(await same.size("a")).toBe(10);
    expect(await listed(same, "")).toHaveLength(1);
    expect(await other.size("a")).toBeNull();
    await store.remove("a");
  });

  test("lists over the border of a page", async () => {
    const store = new S3Store(place(), 3);
    const path = sparseFile("page", 1);
    for (let index = 0; index < 7; index++) await store.putFile(`p/${index}`, path);
    expect((await listed(store, "p/")).map(({ key }) => key)).toEqual([..."0123456"].map((digit) => `p/${digit}`));
    for (let index = 0; index < 7; index++) await store.remove(`p/${index}`);
  });

  test("tells a wrong secret, a wrong key and a missing bucket apart", async () => {
    const wrongSecret = await refusal(new S3Store(place({ secretAccessKey: "wrong" })).check());
    expect(wrongSecret.kind).toBe("storage_unavailable");
    expect(wrongSecret.message).toContain("secret");
    expect(wrongSecret.message).not.toContain("wrong");
    const wrongKey = await refusal(new S3Store(place({ accessKeyId: "nobody" })).check());
    expect(wrongKey.kind).toBe("storage_unavailable");
    expect(wrongKey.message).toContain("nobody");
    const noBucket = new S3Store(place({ bucket: "no-such-bucket-here" }));
    for (const work of everyUse(noBucket)) {
      const refused = await refusal(work());
      expect(refused.kind).toBe("storage_unavailable");
      expect(refused.message).toContain("no-such-bucket-here");
    }
  });

  test("takes an aborted upload of parts back", async () => {
    const settings = place();
    const store = new S3Store(settings);
    const path = sparseFile("aborted", 400 << 20);
    const abort = new AbortController();
    const put = store.putFile("aborted", path, abort.signal);
    await until(async () => (await pendingUploads(settings)) > 0);
    abort.abort();
    expect(await kindOf(put)).toBe("aborted");
    expect(await store.size("aborted")).toBeNull();
    expect(await pendingUploads(settings)).toBe(0);
  }, 60_000);

  test("shows nothing of a put that was killed, and clears it up", async () => {
    const settings = place();
    const store = new S3Store(settings);
    const path = sparseFile("killed", 400 << 20);
    const program = `
      import { S3Store } from ${JSON.stringify(join(import.meta.dir, "s3.ts"))};
      await new S3Store(${JSON.stringify(settings)}).putFile("killed", ${JSON.stringify(path)});`;
    const child = spawn(process.execPath, ["-e", program], { stdio: "inherit" });
    const exit = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    await until(async () => (await pendingUploads(settings)) > 0);
    child.kill("SIGKILL");
    expect(await exit).toBe("SIGKILL");
    expect(await store.size("killed")).toBeNull();
    expect(await listed(store, "")).toEqual([]);
    await store.remove("kill");
    expect(await pendingUploads(settings)).toBe(1);
    await store.remove("killed");
    expect(await pendingUploads(settings)).toBe(0);
  }, 60_000);
});

function everyUse(store: S3Store): (() => Promise<unknown>)[] {
  const path = sparseFile("use", 10);
  return [
    () => store.check(),
    () => store.putFile("a", path),
    () => store.size("a"),
    () => store.read("a", 0, 1),
    () => store.remove("a"),
    () => listed(store, ""),
  ];
}

/** Uploads of parts that are neither completed nor taken back. */
async function pendingUploads(settings: S3TestSettings): Promise<number> {
  const { client, bucket: Bucket } = new S3Connection(settings);
  const Prefix = settings.prefix.replace(/^\/+/, "");
  return (await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))).Uploads?.length ?? 0;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await Bun.sleep(5);
}

function storeAt(endpoint: string): S3Store {
  const rest = { region: "us-east-1", bucket: "bucket", prefix: "", pathStyle: true };
  return new S3Store({ kind: "s3", endpoint, ...rest, accessKeyId: "key", secretAccessKey: "secret" });
}

/** A server that gives the answers of a test, whatever S3 would say. */
function fake(answer: (request: Request, count: number) => Response | Promise<Response>) {
  let count = 0;
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => answer(request, ++count) });
  return {
    store: storeAt(`http://127.0.0.1:${server.port}`),
    requests: () => count,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** A server that ends the connection in the middle of the object `times` times, and then sends it whole. */
function breakingServer(bytes: Buffer, times: number) {
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      const end = bytes.length - 1;
      const head = `content-length: ${bytes.length}\r\ncontent-range: bytes 0-${end}/${bytes.length}\r\n`;
      socket.write(`HTTP/1.1 206 Partial Content\r\nconnection: close\r\n${head}\r\n`);
      socket.end(++count > times ? bytes : bytes.subarray(0, bytes.length / 2));
    });
  });
  server.listen(0, "127.0.0.1");
  const { port } = server.address() as AddressInfo;
  return {
    store: storeAt(`http://127.0.0.1:${port}`),
    requests: () => count,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** An XML answer whose first element is still open. */
function xml(start: string, status: number): Response {
  const body = `<?xml version="1.0"?>${start}</${/^<(\w+)/.exec(start)![1]}>`;
  return new Response(body, { status, headers: { "content-type": "application/xml" } });
}

function s3Error(status: number, code: string): Response {
  return xml(`<Error><Code>${code}</Code><Message>m</Message>`, status);
}

function range(bytes: Uint8Array<ArrayBuffer>, offset: number, size: number): Response {
  const headers = { "content-range": `bytes ${offset}-${offset + bytes.length - 1}/${size}` };
  return new Response(bytes, { status: 206, headers });
}

describe("s3 store on a strange server", () => {
  test("says that nothing answers at a closed port, soon", async () => {
    const closed = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
    const endpoint = `http://127.0.0.1:${closed.port}`;
    await closed.stop(true);
    const store = storeAt(endpoint);
    for (const work of everyUse(store)) {
      const refused = await refusal(work());
      expect(refused.kind).toBe("storage_unavailable");
      expect(refused.message).toContain(`No S3 server answers at ${endpoint}`);
    }
  });

  test("says that the host is unknown", async () => {
    const store = storeAt("http://no-such-host.invalid");
    const refused = await refusal(store.size("a"));
    expect(refused.kind).toBe("storage_unavailable");
    expect(refused.message).toContain("is unknown");
  });

  test("says that a web server is no S3 server", async () => {
    await using server = fake(
      () => new Response("<html><p>Welcome!</html>", { headers: { "content-type": "text/html" } }),
    );
    const refused = await refusal(server.store.check());
    expect(refused.kind).toBe("storage_unavailable");
    await using missing = fake(() => new Response("<html>Not found</html>", { status: 404 }));
    expect(await kindOf(missing.store.read("a", 0, 1))).toBe("storage_unavailable");
  });

  test.each([
    [403, "RequestTimeTooSkewed", "storage_unavailable", "clock"],
    [403, "AccessDenied", "storage_unavailable", "allow it"],
    [400, "AuthorizationHeaderMalformed", "storage_unavailable", "region"],
    [301, "PermanentRedirect", "storage_unavailable", "region"],
    [507, "InsufficientStorage", "disk_full", "no space"],
    [403, "QuotaExceeded", "disk_full", "quota"],
  ] as const)("explains %d %s", async (status, code, kind, word) => {
    await using server = fake(() => s3Error(status, code));
    const refused = await refusal(server.store.putFile("a", sparseFile("explain", 10)));
    expect([refused.kind, refused.details]).toEqual([kind, { cause: code, status }]);
    expect(refused.message).toContain(word);
  });

  test("tries again when the server fails for a moment, but not for ever", async () => {
    const bytes = randomBytes(10);
    await using recovering = fake((_, count) => (count < 3 ? s3Error(500, "InternalError") : range(bytes, 0, 10)));
    expect(Buffer.from(await recovering.store.read("a", 0, 10))).toEqual(bytes);
    await using failing = fake(() => s3Error(500, "InternalError"));
    expect(await kindOf(failing.store.read("a", 0, 10))).toBe("storage_unavailable");
    expect(failing.requests()).toBe(3);
  });

  test("reads again when the connection breaks off in the middle of the bytes", async () => {
    const bytes = randomBytes(200_000);
    await using recovering = breakingServer(bytes, 2);
    expect(Buffer.from(await recovering.store.read("a", 0, 200_000))).toEqual(bytes);
    await using failing = breakingServer(bytes, 100);
    expect(await kindOf(failing.store.read("a", 0, 200_000))).toBe("storage_unavailable");
    expect(failing.requests()).toBe(3);
  });

  test("refuses a server that ignores ranges, and one that sends the wrong length", async () => {
    await using whole = fake(() => new Response(new Uint8Array(1_000)));
    expect(await kindOf(whole.store.read("a", 10, 10))).toBe("storage_unavailable");
    await using short = fake(() => range(new Uint8Array(5), 10, 15));
    expect(await kindOf(short.store.read("a", 10, 10))).toBe("damaged");
  });

  test("puts the parts together in their order, whichever arrives first", async () => {
    let completed = "";
    await using server = fake(async (request) => {
      const query = new URL(request.url).searchParams;
      const part = query.get("partNumber");
      if (part === "1") await Bun.sleep(100);
      if (part) return new Response(null, { headers: { etag: `"etag-${part}"` } });
      if (request.method === "HEAD") return new Response(null, { headers: { "content-length": `${20 << 20}` } });
      if (query.has("uploads")) return xml("<InitiateMultipartUploadResult><UploadId>u</UploadId>", 200);
      completed = await request.text();
      return xml("<CompleteMultipartUploadResult>", 200);
    });
    await server.store.putFile("parts", sparseFile("parts", 20 << 20));
    expect(completed.match(/etag-\d/g)).toEqual(["etag-1", "etag-2", "etag-3"]);
    expect(completed.match(/(?<=<PartNumber>)\d/g)).toEqual(["1", "2", "3"]);
  });

  test("does not believe an answer that the stored length contradicts", async () => {
    const removed: string[] = [];
    await using server = fake((request) => {
      if (request.method === "DELETE") removed.push(new URL(request.url).pathname);
      return new Response(null, { headers: { "content-length": "7", etag: '"x"' } });
    });
    expect(await kindOf(server.store.putFile("a", sparseFile("lying", 10)))).toBe("storage_unavailable");
    expect(removed).toEqual(["/bucket/a"]);
  });

  test("stops waiting for a silent server when it is aborted", async () => {
    await using server = fake(() => new Promise(() => {}));
    const abort = new AbortController();
    const reading = kindOf(server.store.read("a", 0, 10, abort.signal));
    const putting = kindOf(server.store.putFile("a", sparseFile("silent", 10), abort.signal));
    await until(async () => server.requests() === 2);
    abort.abort();
    expect(await Promise.all([reading, putting])).toEqual(["aborted", "aborted"]);
  });
});

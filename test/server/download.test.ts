import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { MAGIC } from "../../src/archive/format";
import { noise } from "../support/content";
import { Appliance } from "../support/in-process";
import { until } from "../support/until";

const SIZE = (20 << 20) + 12345;
const CONTENT = noise(SIZE);
const SHA256 = new Bun.CryptoHasher("sha256").update(CONTENT).digest("hex");

let appliance: Appliance;
let id: string;
let path: string;

beforeAll(async () => {
  appliance = await Appliance.start();
  const { body } = await appliance.upload("/api/auto/upload?level=fast", CONTENT, "noise.bin");
  id = body.uploadId;
  path = `/api/files/${id}/download`;
});
afterAll(() => appliance.close());

describe("a download", () => {
  test("gives the original back, with its name, length, type and digest", async () => {
    const response = await appliance.fetch(path);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-disposition": 'attachment; filename="noise.bin"',
      "content-length": String(SIZE),
      "content-type": "application/octet-stream",
      etag: `"${SHA256}"`,
      "accept-ranges": "bytes",
      "last-modified": expect.stringMatching(/ GMT$/),
    });
    expect(response.headers.has("x-compression-lossy")).toBe(false);
    expect(new Bun.CryptoHasher("sha256").update(await response.arrayBuffer()).digest("hex")).toBe(SHA256);
  });

  test("moves `accessedAt`; HEAD, metadata and lists do not", async () => {
    const { body } = await appliance.upload("/api/auto/upload", noise(100, 7), "once.bin");
    const accessedAt = async () => (await appliance.json(`/api/files/${body.uploadId}`)).body.accessedAt;
    await appliance.fetch(`/api/files/${body.uploadId}/download`, { method: "HEAD" });
    await appliance.json("/api/files");
    expect(await accessedAt()).toBeNull();
    await (await appliance.fetch(`/api/files/${body.uploadId}/download`)).arrayBuffer();
    expect(await accessedAt()).toMatch(/Z$/);
  });

  test("HEAD answers as GET would, without a body", async () => {
    const { status, headers } = await appliance.fetch(path, { method: "HEAD", headers: { range: "bytes=0-1" } });
    expect([status, headers.get("content-length"), headers.get("etag")]).toEqual([
      200,
      String(SIZE),
      `"${SHA256}"`,
    ]);
  });

  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99", 0, 100],
    ["bytes=8388600-8388615", 8388600, 8388616],
    [`bytes=${SIZE - 5}-`, SIZE - 5, SIZE],
    [`bytes=${SIZE - 5}-${SIZE + 500}`, SIZE - 5, SIZE],
    ["bytes=-7", SIZE - 7, SIZE],
    ["bytes=16777215-16777217", 16777215, 16777218],
  ])("of %s is 206 with exactly these bytes", async (range, start, end) => {
    const response = await appliance.fetch(path, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/${SIZE}`);
    expect(response.headers.get("content-length")).toBe(String(end - start));
    expect(Buffer.compare(await response.bytes(), CONTENT.subarray(start, end))).toBe(0);
  });

  test("of a range outside is 416 with the length", async () => {
    const response = await appliance.fetch(path, { headers: { range: `bytes=${SIZE}-` } });
    expect(response.status).toBe(416);
    expect(response.headers.get("content-range")).toBe(`bytes */${SIZE}`);
    expect(await response.json()).toMatchObject({ code: "range_not_satisfiable" });
  });

  test.each([
    [{ "if-none-match": `"${SHA256}"` }, 304],
    [{ "if-none-match": '"other"' }, 200],
    [{ "if-none-match": `"${SHA256}"`, range: "bytes=0-0" }, 304],
    [{ range: "bytes=0-0", "if-range": `"${SHA256}"` }, 206],
    [{ range: "bytes=0-0", "if-range": '"other"' }, 200],
    [{ range: "bytes=0-0,5-6" }, 200],
    [{ range: "lines=0-1" }, 200],
  ])("with %p is %p", async (headers, status) => {
    const response = await appliance.fetch(path, { headers: headers as Record<string, string> });
    expect(response.status).toBe(status);
    const bytes = (await response.bytes()).length;
    expect(bytes).toBe(status === 200 ? SIZE : status === 206 ? 1 : 0);
  });

  test.each([
    ["plain.bin", 'attachment; filename="plain.bin"'],
    ['quo"te.bin', "attachment; filename=\"quo_te.bin\"; filename*=UTF-8''quo%22te.bin"],
    ["new\r\nX-Evil: 1.bin", 'attachment; filename="newX-Evil: 1.bin"'],
    ["../../up.bin", 'attachment; filename="up.bin"'],
    ["検査.bin", "attachment; filename=\"__.bin\"; filename*=UTF-8''%E6%A4%9C%E6%9F%BB.bin"],
    ["semi;colon.bin", 'attachment; filename="semi;colon.bin"'],
    ["per%41cent.bin", "attachment; filename=\"per_41cent.bin\"; filename*=UTF-8''per%2541cent.bin"],
  ])("of a file named %p", async (name, disposition) => {
    const content = noise(64, name.length + 100 * name.charCodeAt(0));
    const query = new URLSearchParams({ filename: name });
    const { body } = await appliance.json(`/api/auto/upload?${query}`, {
      method: "PUT",
      body: new Blob([content as BlobPart]),
    });
    const response = await appliance.fetch(`/api/files/${body.uploadId}/download`);
    expect(response.headers.get("content-disposition")).toBe(disposition);
    expect(response.headers.has("x-evil")).toBe(false);
  });

  test("says when a file is not the upload to the bit", async () => {
    const geojson = '{"type":"Point","coordinates":[1.123456789,2.123456789]}';
    const { body } = await appliance.upload("/api/geospatial/upload?precision=3", geojson, "a.geojson");
    expect(body).toMatchObject({ lossless: false, format: "geojson", params: { precision: 3 } });
    const response = await appliance.fetch(`/api/files/${body.uploadId}/download`);
    expect(response.headers.get("x-compression-lossy")).toBe("1");
    const content = await response.text();
    expect(content).toBe('{"type":"Point","coordinates":[1.123,2.123]}');
    const sha256 = new Bun.CryptoHasher("sha256").update(content).digest("hex");
    expect(response.headers.get("etag")).toBe(`"${sha256}"`);
    expect(body.contentSha256).toBe(sha256);
  });

  test.each(["00000000", "nonsense", "..%2f..%2fetc", "%00", "%zz", "a".repeat(500)])(
    "of %p is 404",
    async (bad) => {
      for (const suffix of ["", "/download", "/archive"]) {
        const { status, body } = await appliance.json(`/api/files/${bad}${suffix}`);
        expect([status, body.code]).toEqual([404, "not_found"]);
      }
    },
  );

  test("that is given up is given up here too, and a slow one is complete", async () => {
    const socket = connect(Number(new URL(appliance.url).port), "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nx-api-key: ${appliance.key}\r\nConnection: close\r\n\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    let received = 0;
    for await (const chunk of (await appliance.fetch(path)).body!) {
      if (received < 1 << 20) await Bun.sleep(20);
      received += chunk.length;
    }
    expect(received).toBe(SIZE);
  });
});

test("a look at the archive's head leaves nothing behind", async () => {
  const { status, headers } = await appliance.fetch(`/api/files/${id}/archive`, { method: "HEAD" });
  expect([status, headers.get("content-disposition")]).toEqual([200, 'attachment; filename="noise.bin.smz"']);
  await until(() => appliance.spooled().length === 0, "an empty spool");
});

test("the archive itself comes as it is stored", async () => {
  const response = await appliance.fetch(`/api/files/${id}/archive`);
  const bytes = await response.bytes();
  expect(response.headers.get("content-length")).toBe(String(bytes.length));
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="noise.bin.smz"');
  expect(bytes.subarray(0, MAGIC.length)).toEqual(MAGIC);
});

describe("a damaged archive", () => {
  test("ends the transfer short, and starts none where the first block is hit", async () => {
    const content = noise(20 << 20, 3);
    const { body } = await appliance.upload("/api/auto/upload?level=fast", content, "damaged.bin");
    const stored = await newestObject(appliance, 20 << 20);
    const bytes = await Bun.file(stored).bytes();
    bytes[bytes.length - (1 << 20)]! ^= 1;
    await Bun.write(stored, bytes);
    const response = await appliance.fetch(`/api/files/${body.uploadId}/download`);
    expect(response.status).toBe(200);
    expect(await readAll(response)).toBe("broken");
    bytes[1 << 20]! ^= 1;
    await Bun.write(stored, bytes);
    const again = await appliance.json(`/api/files/${body.uploadId}/download`);
    expect([again.status, again.body.code]).toEqual([500, "damaged"]);
  });
});

describe("the list", () => {
  let other: Appliance;
  beforeAll(async () => {
    other = await Appliance.start();
    for (const n of [1, 2, 3]) await other.upload("/api/auto/upload", noise(50 + n, n), `file ${n}.bin`);
    await other.upload("/api/log-files/upload", "Mar  8 12:00:00 host a[1]: b\n".repeat(9), "Last.log");
  });
  afterAll(() => other.close());
  const names = async (query: string) => {
    const { body } = await other.json(`/api/files${query}`);
    return body.files.map((file: { originalFilename: string }) => file.originalFilename);
  };

  test("is newest first, with usage of the whole space", async () => {
    const { body } = await other.json("/api/files?limit=1");
    expect(body.files).toHaveLength(1);
    expect(body.files[0]).toMatchObject({ originalFilename: "Last.log", savings: expect.stringMatching(/%$/) });
    expect(body.usage).toEqual({
      totalFiles: 4,
      totalOriginalBytes: 51 + 52 + 53 + 29 * 9,
      totalCompressedBytes: expect.any(Number),
    });
  });

  test("pages and filters", async () => {
    expect(await names("")).toEqual(["Last.log", "file 3.bin", "file 2.bin", "file 1.bin"]);
    expect(await names("?limit=2&offset=1")).toEqual(["file 3.bin", "file 2.bin"]);
    expect(await names("?limit=5000")).toHaveLength(4);
    expect(await names("?codec=log-files")).toEqual(["Last.log"]);
    expect(await names("?q=LAST")).toEqual(["Last.log"]);
    expect(await names("?q=%25")).toEqual([]);
    expect(await names("?before=2020-01-01")).toEqual([]);
    expect(await names("?after=2020-01-01T00:00:00Z")).toHaveLength(4);
  });

  test.each(["limit=0", "limit=x", "offset=-1", "codec=zip", "before=soon", "lmit=1"])(
    "refuses ?%s",
    async (query) => {
      expect((await other.json(`/api/files?${query}`)).status).toBe(400);
    },
  );
});

test("a deleted file is gone, and gone only once", async () => {
  const { body } = await appliance.upload("/api/auto/upload", noise(99, 5), "gone.bin");
  const first = await appliance.json(`/api/files/${body.uploadId}`, { method: "DELETE" });
  expect([first.status, first.body]).toEqual([200, { deleted: true, uploadId: body.uploadId }]);
  for (const [method, suffix] of [
    ["DELETE", ""],
    ["GET", ""],
    ["GET", "/download"],
    ["GET", "/archive"],
  ]) {
    const answer = await appliance.json(`/api/files/${body.uploadId}${suffix}`, { method });
    expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
  }
});

async function newestObject({ data }: Appliance, atLeast: number): Promise<string> {
  const objects = readdirSync(join(data, "objects"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => Bun.file(file).size >= atLeast);
  const times = objects.map((file) => ({ file, at: Bun.file(file).lastModified }));
  return times.sort((a, b) => b.at - a.at)[0]!.file;
}

async function readAll(response: Response): Promise<"complete" | "broken"> {
  try {
    await response.arrayBuffer();
    return "complete";
  } catch {
    return "broken";
  }
}

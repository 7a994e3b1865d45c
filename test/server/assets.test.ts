import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync, zstdDecompressSync } from "node:zlib";
import { partName } from "../../src/archive/format";
import { ArchiveReader } from "../../src/archive/reader";
import { MemorySource } from "../../src/graph/source";
import { Appliance } from "../support/in-process";
import { until } from "../support/until";

/** A script that is the same on every run; each version differs in a few places. */
function script(version: number): string {
  let state = 1;
  const name = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return `n${(state >>> 8).toString(36)}`;
  };
  const functions = Array.from({ length: 300 }, (_, i) => {
    const changed = i % 50 === version ? ` /* since ${version} */` : "";
    return `export function ${name()}(value, ${name()}) {${changed}\n  return value.map((x) => x.${name()} + ${name()}());\n}\n`;
  });
  return `/*! Steps v${version} */\n${functions.join("\n")}`;
}

const OLD = script(1);
const NEW = script(2);
const sha256 = (text: string | Uint8Array) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

let appliance: Appliance;
beforeAll(async () => {
  appliance = await Appliance.start();
});
afterAll(() => appliance.close());

async function store(text: string, name: string, level = "max") {
  const { status, body } = await appliance.upload(`/api/dict-transport/upload?type=js&level=${level}`, text, name);
  expect(status).toBe(201);
  return body as { uploadId: string; compressedBytes: number };
}

/** What goes over the wire: `fetch` would undo the coding. */
function raw(path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
    const url = new URL(appliance.url + path);
    const sent = request(url, { headers: { "x-api-key": appliance.key, ...headers } }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode!, headers: response.headers as Record<string, string>, body });
    });
    sent.on("error", reject);
    sent.end();
  });
}

function objects(): string[] {
  return readdirSync(join(appliance.data, "objects"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".smz"))
    .map((entry) => entry.name);
}

describe("a new version of an asset", () => {
  test("costs only what is new, and outlives the old one", async () => {
    const old = await store(OLD, "steps-1.js");
    const later = await store(NEW, "steps-2.js");
    expect(later.compressedBytes).toBeLessThan(old.compressedBytes / 8);
    expect(Buffer.from(await appliance.download(later.uploadId)).toString()).toBe(NEW);

    const deleted = await appliance.json(`/api/files/${old.uploadId}`, { method: "DELETE" });
    expect(deleted.status).toBe(200);
    await until(() => objects().length === 2, "the object of the deleted file to stay alone with the new one");
    expect(Buffer.from(await appliance.download(later.uploadId)).toString()).toBe(NEW);

    // The old one may come back, and a third version may be like the second.
    const again = await store(OLD, "steps-1.js");
    const third = await store(script(3), "steps-3.js", "balanced");
    expect(third.compressedBytes).toBeLessThan(old.compressedBytes / 8);
    for (const { uploadId } of [later, again, third]) {
      await appliance.json(`/api/files/${uploadId}`, { method: "DELETE" });
    }
    await until(() => objects().length === 0, "the sweeper to remove everything");
  });

  test("has an archive that needs nothing else", async () => {
    const old = await store(OLD, "steps-1.js");
    const later = await store(NEW, "steps-2.js");
    const archive = await appliance.fetch(`/api/files/${later.uploadId}/archive`);
    const bytes = await archive.bytes();
    expect(bytes.length).toBeGreaterThan(later.compressedBytes + old.compressedBytes / 2);
    const reader = await ArchiveReader.open(new MemorySource(bytes));
    expect(reader.parts.map((part) => [part.name, part.embedded])).toEqual([[partName(sha256(OLD)), true]]);
    for (const { uploadId } of [old, later]) await appliance.json(`/api/files/${uploadId}`, { method: "DELETE" });
  });
});

describe("an asset on its way", () => {
  let path: string;
  beforeAll(async () => {
    await store(OLD, "steps-1.js");
    path = `/api/files/${(await store(NEW, "steps-2.js")).uploadId}/download`;
  });

  test("is the file itself for whoever names no coding", async () => {
    const { headers, body } = await raw(path, {});
    expect(body.toString()).toBe(NEW);
    expect(headers).toMatchObject({
      "content-length": String(NEW.length),
      etag: `"${sha256(NEW)}"`,
      vary: "accept-encoding, available-dictionary",
      "use-as-dictionary": 'match="/api/files/*/download"',
    });
    expect(headers["content-encoding"]).toBeUndefined();
  });

  test.each([
    ["br", brotliDecompressSync],
    ["zstd", zstdDecompressSync],
  ])("travels as %s", async (coding, decode) => {
    const { headers, body } = await raw(path, { "accept-encoding": `gzip, ${coding}` });
    expect(headers["content-encoding"]).toBe(coding);
    expect(headers.etag).toBe(`"${sha256(NEW)}-${coding}"`);
    expect(body.length).toBeLessThan(NEW.length / 3);
    expect(decode(body).toString()).toBe(NEW);
    const repeated = await raw(path, { "accept-encoding": coding, "if-none-match": headers.etag! });
    expect([repeated.status, repeated.body.length]).toEqual([304, 0]);
  });

  test.each([
    ["br;q=0.5, zstd;q=0.9", "zstd"],
    ["br, zstd", "br"],
    ["br;q=0, *", "zstd"],
    ["identity, br;q=0.5", undefined],
    ["gzip, deflate", undefined],
    ["br;q=0", undefined],
  ])("with Accept-Encoding %s is coded as %p", async (accepted, coding) => {
    expect((await raw(path, { "accept-encoding": accepted })).headers["content-encoding"]).toBe(coding!);
  });

  test("keeps its ranges", async () => {
    const { status, headers, body } = await raw(path, { "accept-encoding": "br", range: "bytes=10-19" });
    expect([status, headers["content-encoding"], body.toString()]).toEqual([206, undefined, NEW.slice(10, 20)]);
  });

  test.each([
    ["dcz", "5e2a4d1820000000"],
    ["dcb", "ff444342"],
  ])("travels as %s to whoever has the version before", async (coding, magic) => {
    const digest = sha256(OLD);
    const available = `:${Buffer.from(digest, "hex").toString("base64")}:`;
    const { headers, body } = await raw(path, {
      "accept-encoding": `br, zstd, ${coding}`,
      "available-dictionary": available,
    });
    expect(headers["content-encoding"]).toBe(coding);
    expect(body.subarray(0, magic.length / 2 + 32).toString("hex")).toBe(magic + digest);
    expect(body.length).toBeLessThan(1000);
    const stream = body.subarray(magic.length / 2 + 32);
    // The types know the option for zstd alone.
    const options: object = { dictionary: Buffer.from(OLD) };
    const decoded = coding === "dcz" ? zstdDecompressSync(stream, options) : brotliDecompressSync(stream, options);
    expect(decoded.toString()).toBe(NEW);
  });

  test("is coded without a dictionary that the space does not have", async () => {
    const nowhere = `:${Buffer.alloc(32, 7).toString("base64")}:`;
    for (const dictionary of [nowhere, "nonsense", "::"]) {
      const headers = { "accept-encoding": "br, dcb", "available-dictionary": dictionary };
      expect((await raw(path, headers)).headers["content-encoding"]).toBe("br");
    }
  });

  test("has its coding told by HEAD", async () => {
    const head = await appliance.fetch(path, { method: "HEAD", headers: { "accept-encoding": "zstd" } });
    expect(head.headers.get("content-encoding")).toBe("zstd");
    expect(head.headers.get("etag")).toBe(`"${sha256(NEW)}-zstd"`);
  });
});

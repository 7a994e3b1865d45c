import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codecs } from "../../src/codecs/registry";
import { jsonRequest } from "../support/client";
import { Appliance } from "../support/in-process";

const directory = mkdtempSync(join(tmpdir(), "smallest-objects-"));
let appliance: Appliance;
beforeAll(async () => {
  appliance = await Appliance.start();
});
afterAll(async () => {
  await appliance.close();
  rmSync(directory, { recursive: true });
});

const works = async (key: string) =>
  (await appliance.fetch("/api/space", { headers: { "x-api-key": key } })).status === 200;

describe("keys", () => {
  test("are created, listed without their secret, rotated and revoked", async () => {
    const wish = { name: "sequencer 3", scopes: ["read"], expiresAt: "2999-01-01T00:00:00Z" };
    const made = await appliance.json("/api/keys", jsonRequest("POST", wish));
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      key: expect.stringMatching(/^smz_\w{40}$/),
      id: expect.stringMatching(/^[0-9a-f]+$/),
      name: "sequencer 3",
      prefix: made.body.key.slice(0, made.body.prefix.length),
      scopes: ["read"],
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: "2999-01-01T00:00:00Z",
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(await works(made.body.key)).toBe(true);

    const list = await appliance.fetch("/api/keys");
    const text = await list.text();
    expect(text).toContain("sequencer 3");
    expect(text).not.toContain(made.body.key);
    expect(text).not.toContain("hash");

    const rotated = await appliance.json(`/api/keys/${made.body.id}/rotate`, { method: "POST" });
    expect(rotated.status).toBe(200);
    expect(rotated.body).toMatchObject({
      name: "sequencer 3",
      scopes: ["read"],
      expiresAt: "2999-01-01T00:00:00Z",
    });
    expect([await works(made.body.key), await works(rotated.body.key)]).toEqual([false, true]);

    const revoked = await appliance.json(`/api/keys/${rotated.body.id}/revoke`, { method: "POST" });
    expect([revoked.status, revoked.body.revokedAt]).toEqual([200, expect.stringMatching(/Z$/)]);
    expect(await works(rotated.body.key)).toBe(false);
    expect((await appliance.json(`/api/keys/${rotated.body.id}/rotate`, { method: "POST" })).status).toBe(409);
  });

  test.each([
    [{}, "name"],
    [{ name: "" }, "`name` must be text of 1 to 100 characters."],
    [{ name: 5 }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ name: "x", scopes: ["root"] }, "`scopes.0` must be one of read, write, delete, admin."],
    [{ name: "x", scopes: [] }, "scopes"],
    [{ name: "x", expiresAt: "tomorrow" }, "expiresAt"],
    [{ name: "x", expiresAt: "2001-01-01T00:00:00Z" }, "expiry"],
    [{ name: "x", admin: true }, "`admin` is not known here."],
  ])("%p is refused, naming what is wrong", async (wish, named) => {
    const { status, body } = await appliance.json("/api/keys", jsonRequest("POST", wish));
    expect([status, body.code]).toEqual([400, "bad_parameter"]);
    expect(body.error).toContain(named);
  });

  test.each([
    ["not JSON", "{", "application/json", 400],
    ["no object", "[1]", "application/json", 400],
    ["not UTF-8", new Uint8Array([0xff, 0xfe]), "application/json", 400],
    ["not called JSON", '{"name":"x"}', "text/plain", 415],
    ["far too long", `{"name":"${"x".repeat(70_000)}"}`, "application/json", 413],
  ])("a body that is %s is refused", async (_what, body, type, status) => {
    const init = { method: "POST", body: body as BodyInit, headers: { "content-type": type } };
    expect((await appliance.json("/api/keys", init)).status).toBe(status);
  });

  test("that do not exist are 404", async () => {
    for (const id of ["0123456789ab", "nonsense"]) {
      for (const call of ["revoke", "rotate"]) {
        expect((await appliance.json(`/api/keys/${id}/${call}`, { method: "POST" })).status).toBe(404);
      }
    }
  });
});

test("the setup token gives one key, once", async () => {
  const redeem = () => fetch(`${appliance.url}/api/setup`, jsonRequest("POST", { token: appliance.setupToken }));
  const first = await redeem();
  expect(first.status).toBe(201);
  const { key, scopes } = (await first.json()) as { key: string; scopes: string[] };
  expect(scopes).toEqual(["read", "write", "delete", "admin"]);
  expect(await works(key)).toBe(true);
  expect((await redeem()).status).toBe(401);
});

describe("storage settings", () => {
  test("change after a test of the new storage", async () => {
    const set = await appliance.json("/api/settings/storage", jsonRequest("PUT", { kind: "local", directory }));
    expect([set.status, set.body]).toEqual([200, { kind: "local", directory }]);
    expect((await appliance.json("/api/settings/storage")).body).toEqual({ kind: "local", directory });
    const tested = await appliance.json("/api/settings/storage/test", { method: "POST" });
    expect([tested.status, tested.body]).toEqual([200, { ok: true }]);
  });

  test("of an S3 server that does not answer are refused, and nothing changes", async () => {
    const before = (await appliance.json("/api/settings/storage")).body;
    const wish = {
      kind: "s3",
      endpoint: "http://127.0.0.1:9",
      region: "us-east-1",
      bucket: "b",
      prefix: "",
      pathStyle: true,
      accessKeyId: "a",
      secretAccessKey: "the-secret",
    };
    const { status, body } = await appliance.json("/api/settings/storage", jsonRequest("PUT", wish));
    expect([status, body.code]).toEqual([503, "storage_unavailable"]);
    expect(JSON.stringify(body)).not.toContain("the-secret");
    expect((await appliance.json("/api/settings/storage")).body).toEqual(before);
  }, 30_000);

  test.each([
    [{}, "`kind` must be one of none, local, s3."],
    [{ kind: "ftp" }, "`kind` must be one of none, local, s3."],
    [{ kind: "local" }, "`directory` must be an absolute path."],
    [{ kind: "local", directory: "archives" }, "`directory` must be an absolute path."],
    [{ kind: "none", extra: 1 }, "`extra` is not known here."],
    [
      {
        kind: "s3",
        endpoint: "file:///etc",
        region: "r",
        bucket: "b",
        prefix: "",
        pathStyle: true,
        accessKeyId: "a",
      },
      "`endpoint` must be an address such as https://s3.example.org or null.",
    ],
  ])("%p are refused", async (wish, error) => {
    const { status, body } = await appliance.json("/api/settings/storage", jsonRequest("PUT", wish));
    expect([status, body.error]).toEqual([400, error]);
  });
});

test("the audit trail tells who did what from where, and pages", async () => {
  await appliance.json("/api/files/0123abcd");
  await appliance.upload("/api/log-files/upload", "Mar  8 12:00:00 host a[1]: b\n".repeat(10), "a.log");
  const { body } = await appliance.json("/api/audit?limit=500");
  const upload = body.entries.find((entry: { action: string }) => entry.action === "file.upload");
  expect(upload).toMatchObject({
    origin: "127.0.0.1",
    outcome: "ok",
    target: expect.stringMatching(/^[0-9a-f]{8}/),
  });
  expect(upload.actor).toMatch(/^[0-9a-f]+$/);
  expect((await appliance.json("/api/audit?limit=1")).body.entries).toHaveLength(1);
  expect((await appliance.json("/api/audit?before=2001-01-01")).body.entries).toEqual([]);
});

test("a read is one line of the audit trail", async () => {
  const { body } = await appliance.upload("/api/general/upload", "read me", "read.txt");
  const path = `/api/files/${body.uploadId}`;
  for (const [method, suffix] of [
    ["GET", ""],
    ["HEAD", "/download"],
    ["GET", "/download"],
    ["GET", "/archive"],
  ]) {
    await (await appliance.fetch(path + suffix, { method })).arrayBuffer();
  }
  const { entries } = (await appliance.json("/api/audit")).body;
  const told = entries.filter(({ target }: { target: string }) => target === body.uploadId);
  expect(told.map(({ action }: { action: string }) => action).reverse()).toEqual([
    "file.upload",
    "file.read",
    "file.read",
    "file.download",
    "file.archive",
  ]);
});

test("the space tells usage, credits and quota", async () => {
  const { body } = await appliance.json("/api/space");
  expect(body).toMatchObject({ name: "Default", credits: null, quotaBytes: null, usage: { totalFiles: 2 } });
});

test("the codecs come with formats, parameters and limits", async () => {
  const { body } = await appliance.json("/api/codecs");
  expect(body.codecs.map(({ name }: { name: string }) => name)).toEqual(codecs.map(({ name }) => name));
  const fits = body.codecs.find(({ name }: { name: string }) => name === "fits");
  expect(fits.params.properties.tile_size).toMatchObject({ minimum: 64, maximum: 1024, default: 256 });
  expect(fits.params.properties).toHaveProperty("level");
  expect(body.limits).toEqual({ uploadBytes: 2 ** 40, mediaBytes: 500_000_000 });
});

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "./open";
import type { StorageSettings } from "./settings";
import { kindOf } from "./store.contract";

const scratch = mkdtempSync(join(tmpdir(), "smallest-open-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const s3 = {
  kind: "s3",
  endpoint: "https://s3.example",
  region: "us-east-1",
  bucket: "archives",
  prefix: "",
  pathStyle: true,
  accessKeyId: "key",
  secretAccessKey: "secret",
} as const satisfies StorageSettings;

test("opens what the settings name", async () => {
  const local = await openStore({ kind: "local", directory: join(scratch, "objects") });
  expect(local.kind).toBe("local");
  await local.check();
  const remote = await openStore(s3);
  expect(remote.kind).toBe("s3");
  await remote.close();
  expect((await openStore({ ...s3, endpoint: null })).kind).toBe("s3");
});

test("refuses settings that are not enough or make no sense", async () => {
  expect(await kindOf(openStore({ kind: "none" }))).toBe("storage_not_configured");
  expect(await kindOf(openStore({ kind: "local", directory: "" }))).toBe("bad_parameter");
  expect(await kindOf(openStore({ ...s3, secretAccessKey: undefined }))).toBe("storage_not_configured");
  expect(await kindOf(openStore({ ...s3, accessKeyId: "" }))).toBe("storage_not_configured");
  expect(await kindOf(openStore({ ...s3, endpoint: "s3.example" }))).toBe("bad_parameter");
  expect(await kindOf(openStore({ ...s3, endpoint: "file:///etc" }))).toBe("bad_parameter");
  expect(await kindOf(openStore({ ...s3, bucket: "a/b" }))).toBe("bad_parameter");
  expect(await kindOf(openStore({ ...s3, bucket: "" }))).toBe("bad_parameter");
  expect(await kindOf(openStore({ ...s3, region: "" }))).toBe("bad_parameter");
});

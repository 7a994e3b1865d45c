import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import { samples } from "../codecs/samples";
import { loadConfig } from "../config";
import { openDatabase } from "../database/open";
import type { Repository, StoredFile } from "../database/repository";
import { Refusal } from "../errors";
import { MemorySource } from "../graph/source";
import { LocalStore } from "../storage/local";
import { MemoryStore } from "../storage/memory";
import { ALL_SCOPES } from "./access";
import { DEFAULT_SPACE } from "./administration";
import { openVault } from "./open";
import type { Actor, Vault } from "./vault";

const ACTOR: Actor = { id: "test", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: "127.0.0.1" };
const LOG = "Jan  1 00:00:01 host sshd[12]: Accepted publickey for root\n";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Opened {
  vault: Vault;
  store: MemoryStore;
  data: string;
  repository: Repository;
}

async function open(
  options: {
    data?: string;
    wrap?: (repository: Repository) => Repository;
    environment?: Record<string, string>;
  } = {},
): Promise<Opened> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "smallest-vault-"));
  const store = new MemoryStore();
  let repository!: Repository;
  const { vault } = await openVault(loadConfig({ data }, options.environment ?? {}), {
    openDatabase: async (url) => {
      repository = await openDatabase(url);
      return options.wrap?.(repository) ?? repository;
    },
    openStore: async () => store,
  });
  cleanups.push(() => rmSync(data, { recursive: true, force: true }));
  cleanups.push(() => vault.close(0));
  return { vault, store, data, repository };
}

async function upload(
  vault: Vault,
  content: string | Uint8Array,
  options: { codec?: string; name?: string; query?: Record<string, string>; actor?: Actor } = {},
): Promise<StoredFile> {
  const actor = options.actor ?? ACTOR;
  const plan = await vault.planUpload(actor, { codec: options.codec ?? "log-files", query: options.query ?? {} });
  const spooled = await vault.spool(chunks(content), 1 << 30);
  return vault.upload(actor, plan, spooled, { name: options.name ?? "a.log" });
}

async function* chunks(content: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function content(vault: Vault, id: string): Promise<Buffer> {
  const { file, stream } = await vault.download(ACTOR, id);
  const parts: Uint8Array[] = [];
  for await (const bytes of stream(0, file.contentBytes)) parts.push(bytes);
  return Buffer.concat(parts);
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => "no refusal",
    (error) => error,
  );
  return outcome instanceof Refusal ? outcome.code : String(outcome);
}

async function keysOf(store: MemoryStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  return keys;
}

async function swept(store: MemoryStore, left: number): Promise<void> {
  for (let wait = 0; wait < 200 && (await keysOf(store)).length !== left; wait++) await Bun.sleep(10);
  expect(await keysOf(store)).toHaveLength(left);
}

describe("upload and download", () => {
  test("gives back the same bytes and says what was stored", async () => {
    const { vault, store } = await open();
    const file = await upload(vault, LOG.repeat(5000), { name: "../../etc/syslog.log" });
    expect(file).toMatchObject({
      name: "syslog.log",
      codec: "log-files",
      lossless: true,
      originalBytes: LOG.length * 5000,
    });
    expect(file.compressedBytes).toBeLessThan(file.originalBytes / 20);
    expect((await content(vault, file.id)).toString()).toBe(LOG.repeat(5000));
    expect((await vault.file(ACTOR, file.id)).accessedAt).not.toBeNull();
    expect(await keysOf(store)).toEqual([file.objectKey]);
  });

  test("a range decodes to the right bytes", async () => {
    const { vault } = await open();
    const file = await upload(vault, LOG.repeat(5000));
    const { stream } = await vault.download(ACTOR, file.id);
    const parts: Uint8Array[] = [];
    for await (const bytes of stream(100, 217)) parts.push(bytes);
    expect(Buffer.concat(parts).toString()).toBe(LOG.repeat(5000).slice(100, 217));
  });

  test("the same file again is a duplicate, also with the content only", async () => {
    const { vault } = await open();
    const file = await upload(vault, LOG);
    const again = upload(vault, LOG, { name: "other.log" });
    expect(await again.catch((error: Refusal) => error.details)).toEqual({ uploadId: file.id });
    expect((await upload(vault, LOG, { query: { level: "max" } })).id).not.toBe(file.id);
  });

  test("two racing uploads of one file end as one file", async () => {
    const { vault, store } = await open();
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => upload(vault, LOG.repeat(100))));
    const codes = outcomes.map((outcome) => (outcome.status === "fulfilled" ? "stored" : outcome.reason.code));
    expect(codes.sort()).toEqual(["duplicate", "duplicate", "duplicate", "stored"]);
    await swept(store, 1);
  });

  test("a deleted file is gone from the store and may come again", async () => {
    const { vault, store } = await open();
    const file = await upload(vault, LOG);
    await vault.remove(ACTOR, file.id);
    expect(await refusalOf(vault.remove(ACTOR, file.id))).toBe("not_found");
    expect(await refusalOf(vault.download(ACTOR, file.id))).toBe("not_found");
    await swept(store, 0);
    expect((await content(vault, (await upload(vault, LOG)).id)).toString()).toBe(LOG);
  });

  test("a file of another space does not exist", async () => {
    const { vault, repository } = await open();
    await repository.createSpace({
      id: "other",
      name: "Other",
      credits: null,
      quotaBytes: null,
      createdAt: new Date(),
    });
    const file = await upload(vault, LOG);
    const other = { ...ACTOR, spaceId: "other" };
    expect(await refusalOf(vault.download(other, file.id))).toBe("not_found");
    expect(await refusalOf(vault.remove(other, file.id))).toBe("not_found");
    expect((await upload(vault, LOG, { actor: other })).id).not.toBe(file.id);
  });

  test("damage in the store is refused, not served", async () => {
    const { vault, store } = await open();
    const file = await upload(vault, LOG.repeat(1000));
    const whole = await store.read(file.objectKey, 0, file.objectBytes);
    whole[200]! ^= 1;
    const path = join(tmpdir(), `damaged-${file.id}`);
    await Bun.write(path, whole);
    await store.putFile(file.objectKey, path);
    rmSync(path, { force: true });
    expect(await refusalOf(content(vault, file.id))).toBe("damaged");
    expect(await vault.metrics()).toContain("smallest_damaged_total 1");
  });
});

describe("an archive's labels", () => {
  async function labelsOf(store: MemoryStore, { objectKey, objectBytes }: StoredFile) {
    const archive = await ArchiveReader.open(new MemorySource(await store.read(objectKey, 0, objectBytes)));
    return archive.header.labels;
  }

  test("say whose it is, and what the upload was where the content is not the upload", async () => {
    const { vault, store } = await open();
    const exact = await upload(vault, LOG);
    expect(await labelsOf(store, exact)).toEqual({ uploadId: exact.id, space: DEFAULT_SPACE });
    const text = '{"type":"Point","coordinates":[1.123456789,2.123456789]}';
    const rounded = await upload(vault, text, {
      codec: "geospatial",
      name: "a.geojson",
      query: { precision: "2" },
    });
    expect(await labelsOf(store, rounded)).toEqual({
      uploadId: rounded.id,
      space: DEFAULT_SPACE,
      sha256: new Bun.CryptoHasher("sha256").update(text).digest("hex"),
      bytes: String(text.length),
    });
  });
});

describe("auto", () => {
  test("never loses anything: nobody asked for it", async () => {
    const { vault } = await open();
    const samples = Int16Array.from({ length: 40_000 }, (_, i) => 9000 * Math.sin(i / 9) + 500 * Math.sin(i * i));
    const wave = new Uint8Array(44 + samples.byteLength);
    const view = new DataView(wave.buffer);
    wave.set(new TextEncoder().encode("RIFF....WAVEfmt "));
    view.setUint32(4, wave.length - 8, true);
    for (const [at, value] of [
      [16, 16],
      [24, 16_000],
      [28, 32_000],
    ] as const)
      view.setUint32(at, value, true);
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 2],
      [34, 16],
    ] as const)
      view.setUint16(at, value, true);
    wave.set(new TextEncoder().encode("data"), 36);
    view.setUint32(40, samples.byteLength, true);
    wave.set(new Uint8Array(samples.buffer), 44);
    const named = await upload(vault, wave, { codec: "audio", name: "a.wav" });
    expect(named).toMatchObject({ codec: "audio", format: "wav", lossless: false });
    const file = await upload(vault, wave, { codec: "auto", name: "a.wav" });
    expect(file).toMatchObject({ codec: "audio", format: "wav", lossless: true, params: { quality: "lossless" } });
    expect(Buffer.compare(await content(vault, file.id), wave)).toBe(0);
    const text = '{"type":"Point","coordinates":[1.123456789,2.123456789]}';
    const point = await upload(vault, text, { codec: "auto", name: "a.geojson" });
    expect(point).toMatchObject({ codec: "geospatial", format: "geojson", lossless: true });
    expect((await content(vault, point.id)).toString()).toBe(text);
  });

  test("takes what no codec knows", async () => {
    const { vault } = await open();
    const file = await upload(vault, new Uint8Array([1, 2, 3, 255]), { codec: "auto", name: "x" });
    expect(file).toMatchObject({ codec: "general", lossless: true, originalBytes: 4 });
  });
});

test("a storage that was away at the start serves downloads as soon as it is back", async () => {
  const data = mkdtempSync(join(tmpdir(), "smallest-vault-"));
  cleanups.push(() => rmSync(data, { recursive: true, force: true }));
  let away = false;
  const openStore = async () => {
    if (away) throw new Refusal("storage_unavailable", "The storage is away.");
    return LocalStore.open(join(data, "store"));
  };
  const first = await openVault(loadConfig({ data }, {}), { openDatabase, openStore });
  const file = await upload(first.vault, LOG);
  await first.vault.close(0);
  away = true;
  const { vault } = await openVault(loadConfig({ data }, {}), { openDatabase, openStore });
  cleanups.push(() => vault.close(0));
  expect(await refusalOf(content(vault, file.id))).toBe("storage_unavailable");
  away = false;
  expect((await content(vault, file.id)).toString()).toBe(LOG);
});

describe("parameters that only some formats have", () => {
  const picture = samples.find(({ format }) => format === "geotiff")!.bytes;

  test("are refused for the others, whether the format was named or found", async () => {
    const { vault } = await open();
    const wish = (query: Record<string, string>) => ({ codec: "geospatial", name: "map.tif", query });
    const named = vault.planUpload(ACTOR, { codec: "geospatial", query: { format: "geotiff", simplify: "1" } });
    expect(await refusalOf(named)).toBe("bad_parameter");
    expect(await refusalOf(upload(vault, picture, wish({ precision: "3" })))).toBe("bad_parameter");
    expect(await upload(vault, picture, wish({}))).toMatchObject({ format: "geotiff", params: {} });
  });
});

describe("refusals leave nothing", () => {
  test("by content, size and abort", async () => {
    const { vault, store, data } = await open();
    expect(await refusalOf(upload(vault, ""))).toBe("empty_file");
    expect(await refusalOf(upload(vault, LOG, { codec: "dicom" }))).toBe("not_dicom");
    expect(await refusalOf(vault.spool(chunks(LOG), 10))).toBe("too_large");
    expect(await refusalOf(vault.spool(chunks(LOG), 100, AbortSignal.abort()))).toBe("aborted");
    expect(await refusalOf(vault.planUpload(ACTOR, { codec: "tar", query: {} }))).toBe("unknown_codec");
    expect(await refusalOf(vault.planUpload(ACTOR, { codec: "fits", query: { tile_size: "1" } }))).toBe(
      "bad_parameter",
    );
    expect(await refusalOf(vault.planUpload(ACTOR, { codec: "auto", query: { format: "fastq" } }))).toBe(
      "unknown_parameter",
    );
    expect(readdirSync(join(data, "spool"))).toEqual([]);
    expect(await keysOf(store)).toEqual([]);
  });

  test("a failed upload costs no credit, a stored one costs one", async () => {
    const { vault, repository } = await open();
    await repository.updateSpace(DEFAULT_SPACE, { credits: 1 });
    expect(await refusalOf(upload(vault, LOG, { codec: "dicom" }))).toBe("not_dicom");
    await upload(vault, LOG);
    expect(await refusalOf(upload(vault, `${LOG}x`))).toBe("no_credits");
    expect((await repository.space(DEFAULT_SPACE))?.credits).toBe(0);
  });

  test("no more uploads than may be are received at once, and each ends in its turn", async () => {
    const { vault } = await open({ environment: { SMALLEST_MAX_CONCURRENT_UPLOADS: "2" } });
    const spool = () => vault.spool(chunks(LOG), 1 << 20);
    const [first, second] = await Promise.all([spool(), spool()]);
    expect(await refusalOf(spool())).toBe("busy");
    expect(await refusalOf(vault.planUpload(ACTOR, { codec: "auto", query: {} }))).toBe("busy");
    await first.discard();
    await first.discard();
    const third = await spool();
    expect(await refusalOf(spool())).toBe("busy");
    await Promise.all([second.discard(), third.discard()]);
    await upload(vault, LOG);
    await upload(vault, `${LOG}x`);
    await upload(vault, `${LOG}y`);
  });

  test("a quota is kept", async () => {
    const { vault, repository, store } = await open();
    await repository.updateSpace(DEFAULT_SPACE, { quotaBytes: 10 });
    expect(await refusalOf(upload(vault, LOG))).toBe("quota_exceeded");
    await swept(store, 0);
  });

  test("scopes hold", async () => {
    const { vault } = await open();
    const reader: Actor = { ...ACTOR, scopes: ["read"] };
    expect(await refusalOf(vault.planUpload(reader, { codec: "auto", query: {} }))).toBe("forbidden");
    expect(await refusalOf(vault.remove(reader, "x"))).toBe("forbidden");
    expect(await refusalOf(vault.createKey(reader, { name: "k" }))).toBe("forbidden");
    expect(await refusalOf(vault.files({ ...ACTOR, scopes: ["write"] }, { limit: 1, offset: 0 }))).toBe(
      "forbidden",
    );
  });
});

describe("shared parts", () => {
  const attachment = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * i * 2654435761) >>> 13)).toString(
    "base64",
  );
  const lines = attachment.replace(/.{76}/g, "$&\n");
  const mail = (subject: string) =>
    `From a@b Thu Jan  1 00:00:00 2026\nFrom: a@b\nSubject: ${subject}\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n${lines}\n\n`;

  test("are stored once and live until their last owner goes", async () => {
    const { vault, store } = await open();
    const first = await upload(vault, mail("one"), { codec: "email", name: "one.mbox" });
    const second = await upload(vault, mail("two"), { codec: "email", name: "two.mbox" });
    expect(first.compressedBytes).toBeGreaterThan(10_000);
    expect(second.compressedBytes).toBeLessThan(2_000);
    await vault.remove(ACTOR, first.id);
    await swept(store, 2);
    expect((await content(vault, second.id)).toString()).toBe(mail("two"));
    await vault.remove(ACTOR, second.id);
    await swept(store, 0);
  });

  test("an exported archive has them inside", async () => {
    const { vault, data } = await open();
    const file = await upload(vault, mail("one"), { codec: "email", name: "one.mbox" });
    const { name, size, stream } = await vault.archive(ACTOR, file.id);
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    expect(name).toBe("one.mbox.smz");
    expect(bytes).toBe(size);
    expect(size).toBeGreaterThan(10_000);
    expect(readdirSync(join(data, "spool"))).toEqual([]);
  });
});

describe("keys", () => {
  test("a setup link works once", async () => {
    const data = mkdtempSync(join(tmpdir(), "smallest-vault-"));
    cleanups.push(() => rmSync(data, { recursive: true, force: true }));
    const { vault, greet } = await openVault(loadConfig({ data }, {}));
    const welcome = await greet();
    expect(await greet()).toBeNull();
    cleanups.push(() => vault.close(0));
    const redeemed = await vault.redeemSetup(welcome!.setupToken, null);
    expect(await refusalOf(vault.redeemSetup(welcome!.setupToken, null))).toBe("unauthorized");
    expect((await vault.authenticate(redeemed.key, null)).scopes).toEqual([...ALL_SCOPES]);
    expect((await vault.authenticate(welcome!.key, null)).scopes).toEqual([...ALL_SCOPES]);
  });

  test("revoked, rotated, expired and invented keys are refused alike", async () => {
    const { vault } = await open();
    const first = await vault.createKey(ACTOR, { name: "lab", scopes: ["read"] });
    const second = await vault.rotateKey(ACTOR, first.row.id);
    expect(await refusalOf(vault.authenticate(first.key, null))).toBe("unauthorized");
    expect((await vault.authenticate(second.key, null)).scopes).toEqual(["read"]);
    await vault.revokeKey(ACTOR, second.row.id);
    expect(await refusalOf(vault.authenticate(second.key, null))).toBe("unauthorized");
    expect(await refusalOf(vault.rotateKey(ACTOR, second.row.id))).toBe("conflict");
    const brief = await vault.createKey(ACTOR, { name: "brief", expiresAt: new Date(Date.now() + 30) });
    await Bun.sleep(40);
    for (const key of [brief.key, "smz_nonsense", "", null]) {
      expect(await refusalOf(vault.authenticate(key, null))).toBe("unauthorized");
    }
  });

  test("a key that is revoked twice was revoked the first time", async () => {
    const { vault } = await open();
    const { row } = await vault.createKey(ACTOR, { name: "once" });
    const { revokedAt } = await vault.revokeKey(ACTOR, row.id);
    await Bun.sleep(5);
    expect((await vault.revokeKey(ACTOR, row.id)).revokedAt).toEqual(revokedAt);
  });

  test("what happens is in the audit trail, refusals too", async () => {
    const { vault } = await open();
    const file = await upload(vault, LOG);
    await content(vault, file.id);
    await refusalOf(upload(vault, LOG, { codec: "dicom" }));
    await vault.remove(ACTOR, file.id);
    const trail = await vault.auditTrail(ACTOR, { limit: 50 });
    const told = trail.map(({ action, outcome }) => `${action} ${outcome}`).reverse();
    expect(told).toEqual(["file.upload ok", "file.download ok", "file.upload not_dicom", "file.delete ok"]);
    expect(trail[0]).toMatchObject({ actor: "test", origin: "127.0.0.1", target: file.id });
  });
});

describe("jobs", () => {
  test("run in the background and keep their outcome", async () => {
    const { vault } = await open();
    const plan = await vault.planUpload(ACTOR, { codec: "log-files", query: {} });
    const spooled = await vault.spool(chunks(LOG), 1 << 20);
    const job = await vault.uploadLater(ACTOR, plan, spooled, { name: "a.log" }, ({ id }) => ({ uploadId: id }));
    let found = job;
    while (found.state === "running") {
      await Bun.sleep(5);
      found = await vault.job(ACTOR, job.id);
    }
    expect(found).toMatchObject({ state: "done", progress: 1, status: 201 });
    expect((await content(vault, String(found.result?.uploadId))).toString()).toBe(LOG);
  });

  test("those that a crash cut short are told as failed", async () => {
    const { vault, data, repository } = await open();
    const now = new Date();
    await repository.createJob({
      id: "cut",
      spaceId: DEFAULT_SPACE,
      state: "running",
      progress: 0.5,
      result: null,
      status: null,
      createdAt: now,
      updatedAt: now,
    });
    await vault.close(0);
    const again = await open({ data });
    expect(await again.vault.job(ACTOR, "cut")).toMatchObject({ state: "failed", status: 503 });
  });
});

describe("a data directory", () => {
  test("belongs to one server at a time", async () => {
    const { vault, data } = await open();
    expect(await refusalOf(openVault(loadConfig({ data }, {})))).toBe("conflict");
    await vault.close(0);
    await (await open({ data })).vault.close(0);
  });
});

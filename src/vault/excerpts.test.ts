import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import { loadConfig } from "../config";
import { Engine } from "../graph/engine";
import { MemorySource } from "../graph/source";
import { ALL_SCOPES } from "./access";
import { DEFAULT_SPACE } from "./administration";
import { openVault } from "./open";
import { unpack } from "./unpack";
import type { Actor, Vault } from "./vault";

const ACTOR: Actor = { id: "test", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: null };

let directory: string;
let vault: Vault;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "excerpts-"));
  ({ vault } = await openVault(loadConfig({ data: directory }, {})));
});
afterEach(async () => {
  await vault.close(0);
  rmSync(directory, { recursive: true, force: true });
});

/** A message whose words no other message has. */
function message(number: number, words = 150): string {
  let state = number * 7919 + 1;
  const word = () => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 4).toString(36);
  const lines = Array.from({ length: words / 10 }, () => Array.from({ length: 10 }, word).join(" "));
  const head = `From a${number}@b Thu Jan  1 00:00:00 2026\nFrom: a${number}@b\nSubject: ${word()}\n`;
  return `${head}\n${lines.join("\n")}\n\n`;
}

const mailbox = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => message(from + i)).join("");

async function upload(content: string, name: string, level = "fast") {
  const plan = await vault.planUpload(ACTOR, { codec: "email", query: { level } });
  const spooled = await vault.spool(new Blob([content]).stream() as ReadableStream<Uint8Array>, 1 << 30);
  return vault.upload(ACTOR, plan, spooled, { name });
}

async function read(id: string): Promise<string> {
  const { file, stream } = await vault.download(ACTOR, id);
  let text = "";
  for await (const bytes of stream(0, file.contentBytes)) text += Buffer.from(bytes).toString("latin1");
  return text;
}

test("messages that the space has already are taken from there, and outlive the file that brought them", async () => {
  const [first, second] = [mailbox(0, 60), mailbox(30, 90)];
  const a = await upload(first, "a.mbox");
  const b = await upload(second, "b.mbox");
  expect(a.report).toEqual({});
  expect(b.compressedBytes).toBeLessThan(a.compressedBytes * 0.6);
  expect(b.report.sharedBytes).toBeGreaterThan(mailbox(30, 60).length * 0.99);
  expect(b.report.sharedSavedBytes).toBeGreaterThan(a.compressedBytes * 0.4);
  // What came second is found, too: a third mailbox adds next to nothing.
  const third = mailbox(10, 80);
  const c = await upload(third, "c.mbox");
  expect(c.compressedBytes).toBeLessThan(700);
  await vault.remove(ACTOR, a.id);
  expect(await read(b.id)).toBe(second);
  expect(await read(c.id)).toBe(third);
  await vault.remove(ACTOR, b.id);
  expect(await read(c.id)).toBe(third);
  await vault.remove(ACTOR, c.id);
});

test("a body is found under other headers", async () => {
  const sent = mailbox(100, 140);
  const received = sent.replaceAll(/^From: /gm, `Received: from ${"x".repeat(40)}\nFrom: `);
  const a = await upload(sent, "sent.mbox");
  const b = await upload(received, "received.mbox");
  expect(b.report.sharedBytes).toBeGreaterThan(sent.length * 0.8);
  expect(await read(b.id)).toBe(received);
  await vault.remove(ACTOR, a.id);
  expect(await read(b.id)).toBe(received);
});

test("an archive that borrows is made self-contained for whoever takes it away", async () => {
  const a = await upload(mailbox(200, 240), "a.mbox");
  const b = await upload(mailbox(210, 250), "b.mbox");
  const archive = await exported(b.id);
  expect(archive.length).toBeGreaterThan(a.compressedBytes);
  expect(await unpacked(archive)).toBe(mailbox(210, 250));
});

test("an archive is made self-contained with what its parts were coded after", async () => {
  await upload(chats(0, 40), "a.mbox", "balanced");
  await upload(chats(40, 80), "b.mbox", "balanced");
  const c = await upload(chats(60, 120), "c.mbox", "balanced");
  expect(await unpacked(await exported(c.id))).toBe(chats(60, 120));
}, 60_000);

async function exported(id: string): Promise<Uint8Array> {
  const { stream } = await vault.archive(ACTOR, id);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

/** The content of an archive that needs nothing else. */
async function unpacked(bytes: Uint8Array): Promise<string> {
  const engine = new Engine();
  try {
    let text = "";
    for await (const chunk of unpack(engine, await ArchiveReader.open(new MemorySource(bytes)))) {
      text += Buffer.from(chunk).toString("latin1");
    }
    return text;
  } finally {
    engine.close();
  }
}

/** A message of sentences that all of them draw from, so that none is new and no message comes twice. */
function chat(number: number): string {
  let state = number * 7919 + 1;
  const next = (most: number) => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % most;
  const sentence = (seed: number) =>
    message(500 + seed, 20)
      .split("\n")
      .slice(4, 6)
      .join(" ");
  const text = Array.from({ length: 12 }, () => sentence(next(150))).join(".\n");
  return `From a${number}@b Thu Jan  1 00:00:00 2026\nFrom: a${number}@b\n\n${text}\n\n`;
}

const chats = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => chat(from + i)).join("");

test("new text is coded after what the space has, and outlives the file that brought that", async () => {
  const [first, second, third] = [chats(0, 40), chats(40, 80), chats(60, 120)];
  const a = await upload(first, "a.mbox", "balanced");
  const b = await upload(second, "b.mbox", "balanced");
  const c = await upload(third, "c.mbox", "balanced");
  expect(b.compressedBytes).toBeLessThan(a.compressedBytes * 0.7);
  expect(b.report).toEqual({});
  expect(c.report.sharedBytes).toBeGreaterThan(chats(60, 80).length * 0.9);
  await vault.remove(ACTOR, a.id);
  expect(await read(b.id)).toBe(second);
  await vault.remove(ACTOR, b.id);
  expect(await read(c.id)).toBe(third);
}, 60_000);

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../config";
import { ALL_SCOPES } from "./access";
import { DEFAULT_SPACE } from "./administration";
import { openVault } from "./open";
import type { Actor, Vault } from "./vault";

const ACTOR: Actor = { id: "test", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: null };

let directory: string;
let vault: Vault;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "excerpts-"));
  ({ vault } = await openVault(loadConfig({ data: directory }, {})));
});
afterAll(async () => {
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

async function upload(content: string, name: string) {
  const plan = await vault.planUpload(ACTOR, { codec: "email", query: { level: "fast" } });
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
  const { stream } = await vault.archive(ACTOR, b.id);
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  expect(bytes).toBeGreaterThan(a.compressedBytes);
});

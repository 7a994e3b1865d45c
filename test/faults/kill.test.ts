import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { loadConfig } from "../../src/config";
import type { StoredFile } from "../../src/database/repository";
import { ALL_SCOPES } from "../../src/vault/access";
import { DEFAULT_SPACE } from "../../src/vault/administration";
import { openVault } from "../../src/vault/open";
import type { Actor, Vault } from "../../src/vault/vault";
import { until } from "../support/until";

const ACTOR: Actor = { id: "test", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: null };
/** The attachment is a part of its own, so that every step sees two objects. */
const ATTACHMENT = Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * i * 2654435761) >>> 11)).toString(
  "base64",
);
const MAIL = [
  "From a@b Thu Jan  1 00:00:00 2026",
  "From: a@b",
  "MIME-Version: 1.0",
  "Content-Type: application/octet-stream; name=scan.bin",
  "Content-Transfer-Encoding: base64",
  "",
  ...ATTACHMENT.match(/.{1,76}/g)!,
  "",
  "",
].join("\n");

/** Long enough to be a part itself, which a mailbox with the same messages borrows from. */
function letters(from: number, to: number): string {
  const words = (i: number) => Array.from({ length: 300 }, (_, j) => ((i * 300 + j) * 2654435761) % 99991);
  return Array.from({ length: to - from }, (_, i) => {
    return `From a@b Thu Jan  1 00:00:00 2026\nSubject: letter ${from + i}\n\n${words(from + i).join(" ")}\n\n`;
  }).join("");
}

let data: string;
let mailbox: string;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "smallest-kill-"));
  mailbox = join(data, "mail.mbox");
  await Bun.write(mailbox, MAIL);
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** Runs an upload up to a step and kills the process there with no chance to tidy up. */
async function killAt(step: string): Promise<void> {
  const script = join(import.meta.dir, "stuck-server.ts");
  const child = Bun.spawn([process.execPath, script, data, step, mailbox], { stdout: "pipe", stderr: "inherit" });
  let output = "";
  void (async () => {
    for await (const chunk of child.stdout) output += new TextDecoder().decode(chunk);
  })();
  await until(() => output.includes(`at ${step}`) || child.exitCode !== null, `the step ${step}`);
  expect(output).toContain(`at ${step}`);
  child.kill("SIGKILL");
  await child.exited;
}

async function withVault<T>(work: (vault: Vault) => Promise<T>): Promise<T> {
  const { vault } = await openVault(loadConfig({ data }, {}));
  try {
    return await work(vault);
  } finally {
    await vault.close(0);
  }
}

function objects(): string[] {
  const directory = join(data, "objects");
  return existsSync(directory) ? [...new Glob("**/*").scanSync({ cwd: directory, onlyFiles: true })] : [];
}

async function upload(vault: Vault, content: Blob = Bun.file(mailbox)): Promise<StoredFile> {
  const plan = await vault.planUpload(ACTOR, { codec: "email", query: {} });
  const spooled = await vault.spool(content.stream() as ReadableStream<Uint8Array>, 1 << 30);
  return vault.upload(ACTOR, plan, spooled, { name: "mail.mbox" });
}

async function read(vault: Vault, id: string): Promise<string> {
  const { file, stream } = await vault.download(ACTOR, id);
  let text = "";
  for await (const bytes of stream(0, file.contentBytes)) text += Buffer.from(bytes).toString("latin1");
  return text;
}

describe("a server killed in the midst of an upload", () => {
  for (const step of ["before-put", "before-commit"]) {
    test(`${step}: the file does not exist, its objects are swept, and it can be sent again`, async () => {
      await killAt(step);
      await withVault(async (vault) => {
        expect((await vault.files(ACTOR, { limit: 10, offset: 0 })).files).toEqual([]);
        await until(() => objects().length === 0, "the sweeper");
        const file = await upload(vault);
        expect(await read(vault, file.id)).toBe(MAIL);
        await until(() => objects().length === 2, "one archive and one part");
      });
    });
  }

  test("after-commit: the file exists although nobody was told, and a second try says so", async () => {
    await killAt("after-commit");
    await withVault(async (vault) => {
      const { files } = await vault.files(ACTOR, { limit: 10, offset: 0 });
      expect(files).toHaveLength(1);
      const again = await upload(vault).catch((error) => error);
      expect(again).toMatchObject({ code: "duplicate", details: { uploadId: files[0]!.id } });
      expect(await read(vault, files[0]!.id)).toBe(MAIL);
      expect(objects()).toHaveLength(2);
    });
  });

  for (const step of ["before-put", "before-commit", "after-commit"]) {
    test(`${step}: what it borrowed from stays, and so does what it stored once it exists`, async () => {
      const lender = letters(0, 60);
      const lent = await withVault((vault) => upload(vault, new Blob([lender])));
      const before = objects().sort();
      const borrower = letters(20, 100);
      await Bun.write(mailbox, borrower);
      await killAt(step);
      await withVault(async (vault) => {
        expect(await read(vault, lent.id)).toBe(lender);
        const { files } = await vault.files(ACTOR, { limit: 10, offset: 0 });
        expect(files).toHaveLength(step === "after-commit" ? 2 : 1);
        if (step !== "after-commit") {
          await until(() => objects().sort().join() === before.join(), "the sweeper");
          await upload(vault);
        }
        await vault.remove(ACTOR, lent.id);
        // The lender's archive goes, its text stays.
        await until(() => objects().length === 3, "one archive and two parts");
        const [rest] = (await vault.files(ACTOR, { limit: 10, offset: 0 })).files;
        expect(rest!.report.sharedBytes).toBeGreaterThan(letters(20, 60).length * 0.9);
        expect(await read(vault, rest!.id)).toBe(borrower);
        await vault.remove(ACTOR, rest!.id);
        await until(() => objects().length === 0, "the sweeper");
      });
    });
  }

  test("and the spool is empty again", async () => {
    await killAt("before-commit");
    await withVault(async () => {
      expect([...new Glob("**/*").scanSync({ cwd: join(data, "spool"), onlyFiles: true })]).toEqual([]);
    });
  });
});

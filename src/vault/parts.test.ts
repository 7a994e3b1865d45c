import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partName } from "../archive/format";
import { ArchiveReader } from "../archive/reader";
import { ArchiveWriter } from "../archive/writer";
import { codecByName } from "../codecs/registry";
import { Engine } from "../graph/engine";
import type { PartName, Prior } from "../graph/plan";
import { FileSource } from "../graph/source";
import { writeStored } from "../graph/stored";
import { checksum } from "../kernels/checksum";
import { type PartBin, pack } from "./pack";
import { PartPacker } from "./parts";
import { embedParts, type PartSource, unpack } from "./unpack";

let directory: string;
let engine: Engine;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "parts-"));
  engine = new Engine();
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});

/** A space's shared parts as files. */
class Shelf implements PartBin, PartSource {
  readonly paths = new Map<string, string>();
  asked = 0;

  async has(sha256: string): Promise<boolean> {
    this.asked++;
    return this.paths.has(sha256);
  }

  async add(part: { sha256: string; archivePath: string; archiveBytes: number }): Promise<void> {
    expect(this.paths.has(part.sha256)).toBe(false);
    expect(readFileSync(part.archivePath).length).toBe(part.archiveBytes);
    const path = join(directory, `shelf-${part.sha256}`);
    await rename(part.archivePath, path);
    this.paths.set(part.sha256, path);
  }

  async open(name: string) {
    const [, path] = [...this.paths].find(([sha256]) => partName(sha256) === name)!;
    return new FileSource(path);
  }
}

function noise(seed: number, length: number): Buffer {
  let state = seed;
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24;
  return bytes;
}

function mail(subject: string, attachment: Uint8Array): string {
  const lines = Buffer.from(attachment)
    .toString("base64")
    .match(/.{1,76}/g)!
    .join("\r\n");
  return [
    "From someone@example.org Thu Jan  1 00:00:00 2026",
    `Subject: ${subject}`,
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="edge"',
    "",
    "--edge",
    "Content-Type: text/plain",
    "",
    `See ${subject}.`,
    "--edge",
    'Content-Type: application/octet-stream; name="a.bin"',
    "Content-Transfer-Encoding: base64",
    "",
    lines,
    "--edge--",
    "",
    "",
  ].join("\r\n");
}

const FIRST = noise(1, 20_000);
const SECOND = noise(2, 30_000);
const MBOX = mail("one", FIRST) + mail("two", SECOND) + mail("one again", FIRST);
const sha256 = (bytes: string | Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

async function packMbox(content: string, parts?: PartBin, by = engine) {
  const path = join(directory, crypto.randomUUID());
  writeFileSync(path, content);
  const codec = codecByName("email")!;
  const request = { format: codec.formats[0].name, params: {}, level: "fast" as const, name: "a.mbox" };
  const scratch = join(directory, "scratch");
  const size = Buffer.byteLength(content);
  const out = `${path}.smz`;
  const result = await pack(by, {
    path,
    size,
    sha256: sha256(content),
    name: "a.mbox",
    codec,
    request,
    scratch,
    out,
    parts,
  });
  return { ...result, out };
}

async function content(out: string, parts?: PartSource): Promise<string> {
  const chunks: Uint8Array[] = [];
  const archive = await ArchiveReader.open(new FileSource(out));
  for await (const chunk of unpack(engine, archive, { parts })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

afterEach(async () => {
  // Whatever a test did, nothing temporary may be left.
  expect(await readdir(join(directory, "scratch"))).toEqual([]);
});

test("without a bin, parts lie in the archive, each once", async () => {
  const { out, usedParts, archiveBytes, fallbacks } = await packMbox(MBOX);
  expect(usedParts).toEqual([sha256(FIRST), sha256(SECOND)]);
  expect(fallbacks).toBe(0);
  expect(archiveBytes).toBeLessThan(FIRST.length + SECOND.length + 2000);
  expect(await content(out)).toBe(MBOX);
});

test("a bin takes each part once, whatever file it came with", async () => {
  const shelf = new Shelf();
  const { out, archiveBytes } = await packMbox(MBOX, shelf);
  expect([...shelf.paths.keys()].sort()).toEqual([sha256(FIRST), sha256(SECOND)].sort());
  expect(shelf.asked).toBe(2);
  expect(archiveBytes).toBeLessThan(2000);
  expect(await content(out, shelf)).toBe(MBOX);

  const other = mail("the same", SECOND);
  const second = await packMbox(other, shelf);
  expect(second.usedParts).toEqual([sha256(SECOND)]);
  expect(shelf.paths.size).toBe(2);
  expect(await content(second.out, shelf)).toBe(other);
});

test("an archive is made self-contained, the same as if it had been packed so", async () => {
  const shelf = new Shelf();
  const { out } = await packMbox(MBOX, shelf);
  const whole = `${out}.whole`;
  const length = await embedParts(new FileSource(out), whole, shelf);
  expect(readFileSync(whole).length).toBe(length);
  expect(await content(whole)).toBe(MBOX);
  expect(readFileSync(whole).equals(readFileSync((await packMbox(MBOX)).out))).toBe(true);
});

test("a mailbox attached to a mail is a part without parts of its own", async () => {
  const outer = mail("outer", Buffer.from(mail("inner", FIRST)));
  const { out, usedParts, fallbacks } = await packMbox(outer);
  expect(usedParts.length).toBe(1);
  expect(fallbacks).toBe(0);
  expect(await content(out)).toBe(outer);
});

test("missing and exchanged parts are damage", async () => {
  const shelf = new Shelf();
  const { out } = await packMbox(MBOX, shelf);
  await expect(content(out)).rejects.toMatchObject({
    kind: "damaged",
    message: expect.stringContaining("not in it"),
  });
  const [first, second] = [...shelf.paths.keys()] as [string, string];
  shelf.paths.set(first, shelf.paths.get(second)!);
  await expect(content(out, shelf)).rejects.toMatchObject({
    kind: "damaged",
    message: expect.stringContaining("Part"),
  });
});

test("many parts in one segment are packed a few at a time", async () => {
  const mbox = Array.from({ length: 200 }, (_, i) => mail(`number ${i}`, noise(i, 4200))).join("");
  const limited = new Engine({ queueLimit: 8 });
  try {
    const { out, usedParts } = await packMbox(mbox, undefined, limited);
    expect(usedParts.length).toBe(200);
    expect(await content(out)).toBe(mbox);
  } finally {
    limited.close();
  }
});

test("a part that cannot be kept fails the file", async () => {
  const full: PartBin = { has: async () => false, add: () => Promise.reject(new Error("no room")) };
  await expect(packMbox(MBOX, full)).rejects.toThrow("no room");
  await Bun.sleep(100);
  for (const file of await readdir(join(directory, "scratch"))) rmSync(join(directory, "scratch", file));
});

/** Puts parts on a shelf of which each was coded after the one before, and gives their names. */
async function primedChain(shelf: Shelf, count: number): Promise<PartName[]> {
  const codec = codecByName("email")!;
  const request = { format: codec.formats[0].name, params: {}, level: "balanced" as const, name: "" };
  const scratch = join(directory, "scratch");
  const names: PartName[] = [];
  let prior: Prior | undefined;
  for (let i = 0; i < count; i++) {
    const content = Buffer.from(mail(`number ${i}`, noise(i, 100)));
    const name = { sha256: sha256(content), bytes: content.length };
    const [path, out] = [join(directory, name.sha256), join(directory, `${name.sha256}.smz`)];
    writeFileSync(path, content);
    const upload = {
      path,
      size: content.length,
      sha256: name.sha256,
      name: "",
      codec,
      request,
      scratch,
      out,
      prior,
    };
    const { archiveBytes, usedParts } = await pack(engine, upload, "part");
    expect(usedParts).toEqual(prior ? [prior.part.sha256] : []);
    await shelf.add({ sha256: name.sha256, archivePath: out, archiveBytes });
    names.push(name);
    prior = { part: { sha256: name.sha256, content, needs: [] }, start: 10, length: content.length - 10 };
  }
  return names;
}

/** An archive that is nothing but the last of these parts. */
async function archiveOf(table: readonly PartName[]): Promise<string> {
  const out = join(directory, crypto.randomUUID());
  const header = {
    codec: "email",
    codecVersion: 1,
    format: "mbox",
    level: "max",
    params: {},
    name: "",
    mediaType: "",
  };
  const writer = await ArchiveWriter.create(out, { ...header, lossless: true });
  for (const { sha256, bytes } of table) writer.referToPart(sha256, bytes);
  const { sha256: last, bytes } = table.at(-1)!;
  const content = await Bun.file(join(directory, last)).bytes();
  await writer.block(bytes, checksum(content), writeStored({ kind: "part", index: table.length - 1 }));
  await writer.finish(last);
  return out;
}

describe("a part that was coded after others", () => {
  test("comes back with those that stand before it", async () => {
    const shelf = new Shelf();
    const chain = await primedChain(shelf, 3);
    for (const count of [1, 2, 3]) {
      const table = chain.slice(0, count);
      const expected = await Bun.file(join(directory, table.at(-1)!.sha256)).text();
      expect(await content(await archiveOf(table), shelf)).toBe(expected);
    }
  });

  test("is damage without them, behind them, or after too many", async () => {
    const shelf = new Shelf();
    const chain = await primedChain(shelf, 4);
    const [a, b, c] = chain as [PartName, PartName, PartName];
    for (const table of [[b], [b, a, c], [a, c], chain]) {
      const out = await archiveOf(table);
      await expect(content(out, shelf)).rejects.toMatchObject({
        kind: "damaged",
        message: expect.stringContaining("is not what the archive says"),
      });
    }
  });
});

test("two parts that would have one name are not both parts", async () => {
  const codec = codecByName("email")!;
  const request = { format: "mbox", params: {}, level: "fast", name: "" } as const;
  const common = { path: "", size: 0, sha256: "", name: "", codec, request, scratch: directory, out: "" };
  const packer = new PartPacker(engine, {
    request: { ...common, parts: { has: async () => true, add: async () => {} } },
    mode: "file",
    signal: new AbortController().signal,
    path: "",
  });
  const [a, b, c] = ["ab", "ac", "bd"].map((end) => `${end[0]}${"0".repeat(62)}${end[1]}`) as [
    string,
    string,
    string,
  ];
  const leaf = { kind: "part", data: Uint8Array.of(1) } as const;
  const inputs = [leaf, leaf, leaf, leaf];
  const segment = {
    length: 4,
    root: { kind: "transform", transform: "concat", inputs },
    partHashes: [a, b, c, a],
  } as const;
  const { root, added } = packer.resolve(segment);
  expect(root).toMatchObject({ inputs: [{ index: 0 }, { model: "general" }, { index: 1 }, { index: 0 }] });
  expect((await Promise.all(added)).map(({ sha256 }) => sha256)).toEqual([a, c]);
  expect(packer.used()).toEqual([a, c]);
});

/** What every codec promises, on small files of every kind that it knows. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { ArchiveReader } from "../archive/reader";
import { Refusal } from "../errors";
import { Engine } from "../graph/engine";
import type { Level } from "../graph/plan";
import { FileSource } from "../graph/source";
import { type Packed, type PartBin, pack } from "../vault/pack";
import { type PartSource, unpack } from "../vault/unpack";
import type { Codec } from "./codec";
import { chooseFormat, codecByName, codecs, detectCodec } from "./registry";
import { type Sample, SYSLOG, samples } from "./samples";
import { bytesOf, exactParams, joinBytes, noise, probeOf, render, requestOf } from "./testing";

let directory: string;
let engine: Engine;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "codecs-"));
  engine = new Engine({ workers: 2 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});

interface Wish {
  readonly level?: Level;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: () => void;
  readonly parts?: PartBin;
}

async function packed(sample: Sample, wish: Wish = {}): Promise<Packed & { archive: string }> {
  const codec = codecByName(sample.codec)!;
  const path = join(directory, crypto.randomUUID());
  await Bun.write(path, sample.bytes);
  const { level = "fast", params = requestOf(codec).params, ...rest } = wish;
  const archive = `${path}.smz`;
  const result = await pack(engine, {
    path,
    size: sample.bytes.length,
    sha256: sha256(sample.bytes),
    name: sample.name,
    codec,
    request: { format: sample.format, level, params, name: sample.name },
    scratch: join(directory, "scratch"),
    out: archive,
    ...rest,
  });
  return { ...result, archive };
}

async function unpacked(archive: string, parts?: PartSource): Promise<Uint8Array> {
  const source = new FileSource(archive);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of unpack(engine, await ArchiveReader.open(source), { parts })) chunks.push(chunk);
    return joinBytes(...chunks);
  } finally {
    source.close();
  }
}

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}

function exact(codec: Codec): Wish {
  return { params: { ...requestOf(codec).params, ...exactParams(codec) } };
}

/** A plan of damaged content must still give it back, or refuse it in words. */
async function survives(codec: Codec, bytes: Uint8Array, name: string): Promise<void> {
  try {
    const format = chooseFormat(codec, await probeOf(bytes, name)).name;
    const { params } = exact(codec);
    const rendered = await render(codec, bytes, { format, params, name });
    expect(Buffer.compare(rendered.bytes, bytes)).toBe(0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.status).toBe(400);
  }
}

test("every format of every codec has a sample", () => {
  const all = codecs.flatMap(({ name, formats }) => formats.map((format) => `${name} ${format.name}`));
  const sampled = new Set(samples.map(({ codec, format }) => `${codec} ${format}`));
  expect([...sampled].sort()).toEqual(all.sort());
});

for (const sample of samples) {
  const codec = codecByName(sample.codec)!;
  describe(`${sample.codec} ${sample.name}`, () => {
    test("is recognised, by its codec and by none better", async () => {
      const probed = await probeOf(sample.bytes);
      expect(chooseFormat(codec, probed).name).toBe(sample.format);
      expect(chooseFormat(codec, probed, sample.format).name).toBe(sample.format);
      const detected = detectCodec(probed);
      expect(`${detected.codec.name} ${detected.format.name}`).toBe(`${sample.codec} ${sample.format}`);
    });

    test.each(["fast", "balanced", "max"] as const)("comes back exactly at level %s", async (level) => {
      const { archive, lossless, fallbacks, archiveBytes } = await packed(sample, { ...exact(codec), level });
      expect(lossless).toBe(true);
      expect(fallbacks).toBe(0);
      expect(archiveBytes).toBeLessThanOrEqual(sample.bytes.length + 1024);
      expect(Buffer.compare(await unpacked(archive), sample.bytes)).toBe(0);
    });

    test("keeps its word with the default parameters, the same each time", async () => {
      const first = await packed(sample);
      const second = await packed(sample);
      expect(Buffer.compare(readFileSync(first.archive), readFileSync(second.archive))).toBe(0);
      const content = await unpacked(first.archive);
      expect(sha256(content)).toBe(first.contentSha256);
      if (first.lossless) expect(Buffer.compare(content, sample.bytes)).toBe(0);
    });

    test("survives truncation at any point", async () => {
      const { length } = sample.bytes;
      const cuts = new Set([0, 1, 2, 3, 4, 8, 12, 36, 100, 128, 132, 227, length - 1, length - 2]);
      for (let i = 1; i < 24; i++) cuts.add(Math.floor((length * i) / 24));
      for (const cut of cuts) if (cut > 0) await survives(codec, sample.bytes.slice(0, cut), sample.name);
    });

    test("survives damage and hostile lengths", async () => {
      const damage = fc.record({
        at: fc.nat(Math.min(sample.bytes.length - 1, 2048)),
        bytes: fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 8 }),
          fc
            .constantFrom([255, 255, 255, 255], [255, 255, 255, 127], [0, 0, 0, 128], [0, 0, 0, 0])
            .map((bytes) => Uint8Array.from(bytes)),
        ),
      });
      const mutations = fc.array(damage, { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(mutations, async (all) => {
          const bytes = sample.bytes.slice();
          for (const { at, bytes: replacement } of all) {
            bytes.set(replacement.subarray(0, bytes.length - at), at);
          }
          await survives(codec, bytes, sample.name);
        }),
        { numRuns: 40 },
      );
    });
  });
}

describe("each codec", () => {
  const zip = Bun.gzipSync(Buffer.from(noise(3000)));
  const strangers: Record<string, Uint8Array> = {
    "a PNG image": joinBytes(
      bytesOf("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0"),
      noise(500),
    ),
    "a JPEG image": joinBytes(bytesOf("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), noise(500)),
    "an ELF program": joinBytes(
      bytesOf("\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0"),
      new Uint8Array(500),
    ),
    "a gzip stream": zip,
    "a ZIP archive": joinBytes(bytesOf("PK\x03\x04\x14\0\0\0\x08\0"), noise(500)),
    "a PDF document": bytesOf("%PDF-1.7\n1 0 obj\n<< >>\nendobj\nstartxref\n9\n%%EOF\n"),
    "an MP4 file": joinBytes(bytesOf("\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"), noise(500)),
  };
  const binaries: Record<string, Uint8Array> = {
    ...strangers,
    "random bytes": noise(70_000, 7),
    zeros: new Uint8Array(70_000),
  };

  for (const codec of codecs.filter(({ name }) => name !== "general")) {
    test.each(Object.keys(binaries))(`${codec.name} refuses %s`, async (kind) => {
      if (codec.name === "text-pdf" && kind === "a PDF document") return;
      const probed = await probeOf(binaries[kind]!);
      const refusal = refusalOf(() => chooseFormat(codec, probed));
      expect(refusal.code).toBe(`not_${codec.name.replaceAll("-", "_")}`);
      expect(refusal.status).toBe(400);
      if (kind in strangers) expect(refusal.message).toContain(kind);
      for (const format of codec.formats) {
        expect(refusalOf(() => chooseFormat(codec, probed, format.name)).code).toBe(refusal.code);
      }
    });
  }

  test.each(["random bytes", "zeros", "a ZIP archive", "an ELF program"])(
    "auto leaves %s to the general model",
    async (kind) => {
      expect(detectCodec(await probeOf(binaries[kind]!)).codec.name).toBe("general");
    },
  );

  test("log-files accepts any text", async () => {
    const texts = ["x", "Grüezi\n", SYSLOG, "{}", "\ttabbed\r\n", "\x1b[31mred\x1b[0m\n"];
    const russian = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x20, 0x21, 0x0a]);
    for (const text of [...texts.map((text) => Buffer.from(text)), russian]) {
      expect(chooseFormat(codecByName("log-files")!, await probeOf(new Uint8Array(text))).name).toBe("log");
    }
  });

  test.each(codecs.map(({ name }) => name))("%s takes or refuses one byte", async (name) => {
    for (const byte of [0x00, 0x41, 0x7b, 0xff]) await survives(codecByName(name)!, Uint8Array.of(byte), "x");
  });
});

function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("an explicit format", () => {
  test("that the content contradicts is named beside what the content is", async () => {
    for (const [name, asked, found] of [
      ["dna", "fastq", "bam"],
      ["dna", "vcf", "fastq"],
      ["geospatial", "geojson", "lidar"],
      ["db-dumps", "postgres", "mysql"],
      ["db-dumps", "mongodb", "oracle"],
      ["dict-transport", "js", "html"],
    ] as const) {
      const { bytes } = samples.find((sample) => sample.codec === name && sample.format === found)!;
      const probed = await probeOf(bytes);
      const refusal = refusalOf(() => chooseFormat(codecByName(name)!, probed, asked));
      expect(refusal.code).toBe("format_mismatch");
      expect(refusal.details).toEqual({ asked, found });
      expect(refusal.message).toContain(asked);
    }
  });

  test("that the codec does not know is refused with those it knows", async () => {
    const refusal = refusalOf(() =>
      chooseFormat(
        codecByName("dna")!,
        { head: new Uint8Array(), tail: new Uint8Array(), size: 0, name: "" },
        "bed",
      ),
    );
    expect(refusal.code).toBe("unknown_format");
    expect(refusal.details).toEqual({ known: ["fastq", "bam", "vcf"] });
  });
});

test("the general codec takes apart what is compressed already", async () => {
  const lines = Array.from({ length: 4000 }, (_, i) => `${i % 97} ${(i * 7919) % 1009} of ${i} requests\n`).join(
    "",
  );
  const bytes = new Uint8Array(Bun.gzipSync(Buffer.from(lines), { level: 1 }));
  const { archive, archiveBytes } = await packed(
    { codec: "general", format: "binary", name: "requests.gz", bytes },
    { level: "max" },
  );
  expect(archiveBytes).toBeLessThan(bytes.length * 0.7);
  expect(Buffer.compare(await unpacked(archive), bytes)).toBe(0);
});

test("an attachment in several mailboxes is stored once", async () => {
  const attachment = `${Buffer.from(noise(30_000)).toString("base64").replace(/.{76}/g, "$&\n")}\n`;
  const mailbox = (lineEnd: string) =>
    sampleOf(
      ["From a@b Mon Jan  5 10:00:00 2026", "Subject: x", "", attachment, ""].join("\n").replaceAll("\n", lineEnd),
    );
  const sampleOf = (text: string): Sample => ({ codec: "email", format: "mbox", name: "", bytes: bytesOf(text) });
  const stored = new Map<string, string>();
  const parts: PartBin = {
    has: async (hash) => stored.has(hash),
    add: async ({ sha256: hash, archivePath }) => {
      expect(stored.has(hash)).toBe(false);
      stored.set(hash, join(directory, hash));
      await rename(archivePath, stored.get(hash)!);
    },
  };
  for (const sample of [mailbox("\n"), mailbox("\r\n"), mailbox("\n")]) {
    const { archive, archiveBytes, usedParts } = await packed(sample, { parts });
    expect(usedParts).toEqual([...stored.keys()]);
    expect(archiveBytes).toBeLessThan(1024);
    const open = async (name: string) => new FileSource([...stored].find(([hash]) => hash.startsWith(name))![1]);
    expect(Buffer.compare(await unpacked(archive, { open }), sample.bytes)).toBe(0);
  }
  expect(stored.size).toBe(1);
});

test("an upload that is given up leaves no archive", async () => {
  const sample = samples.find(({ codec }) => codec === "email")!;
  for (const when of ["before", "soon", "late"] as const) {
    const controller = new AbortController();
    if (when === "before") controller.abort();
    const before = new Set(archives());
    const packing = packed(sample, { signal: controller.signal, onProgress: () => controller.abort() });
    if (when === "soon") setTimeout(() => controller.abort(), 1);
    const outcome = await packing.then(
      ({ archive }) => archive,
      (error: Refusal) => error.code,
    );
    if (outcome === "aborted") expect(archives().filter((path) => !before.has(path))).toEqual([]);
    else expect(when !== "before" && existsSync(outcome)).toBe(true);
  }
});

function archives(): string[] {
  return [...new Bun.Glob("*.smz").scanSync(directory)];
}

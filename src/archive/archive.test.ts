import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Refusal } from "../errors";
import { ByteReader, ByteWriter } from "../graph/bytes";
import { MemorySource, type Source } from "../graph/source";
import { type ArchiveHeader, LAYOUT, MAGIC, MAX_SHORT_BYTES, partName } from "./format";
import { readHeader, writeHeader } from "./header";
import { readIndex } from "./index-section";
import { ArchiveReader } from "./reader";
import { trailer } from "./trailer";
import { ArchiveWriter } from "./writer";

const HEADER: ArchiveHeader = {
  codec: "log-files",
  codecVersion: 1,
  format: "log",
  level: "balanced",
  params: {},
  name: "übung.log",
  mediaType: "text/plain",
  lossless: true,
};
const SHA256 = "00ff".repeat(16);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "archive-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

type Item = { block: string } | { part: string; archive?: string };

/** Blocks hold their text as it is: the container does not look into them. */
async function write(items: Item[], header = HEADER): Promise<Uint8Array> {
  const path = join(directory, crypto.randomUUID());
  const writer = await ArchiveWriter.create(path, header);
  for (const item of items) {
    if ("block" in item) {
      await writer.block(item.block.length * 10, 7, Buffer.from(item.block));
    } else if (item.archive === undefined) writer.referToPart(item.part, 5);
    else await writer.embedPart(item.part, 5, [Buffer.from(item.archive)], item.archive.length);
  }
  const length = await writer.finish(SHA256);
  const bytes = readFileSync(path);
  expect(length).toBe(bytes.length);
  return new Uint8Array(bytes);
}

const open = (bytes: Uint8Array) => ArchiveReader.open(new MemorySource(bytes));
const refusal = (bytes: Uint8Array): Promise<Refusal> =>
  open(bytes).then(
    () => Promise.reject(),
    (error) => error,
  );
const MIXED: Item[] = [
  { block: "one" },
  { part: SHA256, archive: "inner" },
  { part: "ab".repeat(32) },
  { block: "four" },
];

test("blocks and parts are found where they lie", async () => {
  const bytes = await write(MIXED);
  const archive = await open(bytes);
  expect(archive.header).toEqual(HEADER);
  expect(archive).toMatchObject({ contentBytes: 70, contentSha256: SHA256 });
  expect(archive.segments.map(({ contentOffset, contentLength }) => [contentOffset, contentLength])).toEqual([
    [0, 30],
    [30, 40],
  ]);
  expect(Buffer.from((await archive.readBlock(1)).stored).toString()).toBe("four");
  expect(archive.parts).toMatchObject([
    { name: partName(SHA256), bytes: 5, embedded: true, archiveBytes: 5 },
    { name: "ab".repeat(8), bytes: 5, embedded: false, archiveBytes: 0 },
  ]);
  const { offset, archiveBytes } = archive.parts[0]!;
  expect(Buffer.from(bytes.subarray(offset, offset + archiveBytes)).toString()).toBe("inner");
});

test("an archive without blocks is one of an empty file", async () => {
  expect(await open(await write([]))).toMatchObject({ contentBytes: 0, segments: [] });
});

describe("an archive of one small block", () => {
  const labels = { uploadId: "0a1b2c3d", space: "default" };
  const header = { ...HEADER, name: "access-2024.log", createdAt: Date.UTC(2026, 7, 9), labels };

  test("takes little more than the SHA-256", async () => {
    const bytes = await write([{ part: "ab".repeat(32) }, { block: "a" }], header);
    expect(bytes[MAGIC.length]).toBe(LAYOUT.short);
    expect(bytes.length).toBeLessThan(80);
  });

  test("is all there", async () => {
    const archive = await open(await write([{ part: "ab".repeat(32) }, { block: "one" }], header));
    expect(archive.header).toEqual(header);
    expect(archive).toMatchObject({ contentBytes: 30, contentSha256: SHA256 });
    expect(archive.parts).toMatchObject([{ name: "ab".repeat(8), bytes: 5, embedded: false }]);
    const { stored, ...block } = await archive.readBlock(0);
    expect(Buffer.from(stored).toString()).toBe("one");
    expect(block).toEqual({ length: 30, check: { sha256: SHA256 } });
  });

  test("is framed where it is larger, and comes back as well", async () => {
    for (const length of [MAX_SHORT_BYTES - 200, MAX_SHORT_BYTES - 50, MAX_SHORT_BYTES, MAX_SHORT_BYTES + 1]) {
      const bytes = await write([{ block: "x".repeat(length) }]);
      expect(bytes[MAGIC.length]).toBe(bytes.length > MAX_SHORT_BYTES ? LAYOUT.framed : LAYOUT.short);
      const archive = await open(bytes);
      expect((await archive.readBlock(0)).stored.length).toBe(length);
    }
  });

  test("with a part inside is framed, and has no checksum of its content either", async () => {
    const bytes = await write([{ part: SHA256, archive: "inner" }, { block: "one" }]);
    expect(bytes[MAGIC.length]).toBe(LAYOUT.framed);
    const archive = await open(bytes);
    const { stored, check } = await archive.readBlock(0);
    expect([Buffer.from(stored).toString(), check]).toEqual(["one", { sha256: SHA256 }]);
  });

  test("is refused whatever byte of it is changed, and wherever it is cut off", async () => {
    const bytes = await write([{ part: "ab".repeat(32) }, { block: "one" }], header);
    for (let at = 0; at < bytes.length; at++) {
      expect((await refusal(bytes.with(at, bytes[at]! ^ 0x10))).kind).toBe("damaged");
      expect((await refusal(bytes.subarray(0, at))).kind).toBe("damaged");
    }
    expect((await refusal(Buffer.concat([bytes, Buffer.alloc(1)]))).kind).toBe("damaged");
  });
});

test("every header comes back", () => {
  const map = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const text = fc.string({ unit: "binary" });
  const headers: fc.Arbitrary<ArchiveHeader> = fc.record(
    {
      codec: text,
      codecVersion: fc.nat(),
      format: text,
      level: text,
      params: fc.oneof(fc.constant({}), map),
      name: text,
      mediaType: text,
      lossless: fc.boolean(),
      createdAt: fc.integer({ min: Date.UTC(2000, 0) / 1000, max: 5e9 }).map((seconds) => seconds * 1000),
      labels: fc.oneof(
        fc.dictionary(fc.string(), fc.string(), { minKeys: 1, noNullPrototype: true }),
        fc.record({ uploadId: fc.stringMatching(/^[0-9a-f]{8,9}$/), space: fc.string(), sha256: fc.string() }),
      ),
      report: map,
    },
    { requiredKeys: ["codec", "codecVersion", "format", "level", "params", "name", "mediaType", "lossless"] },
  );
  fc.assert(
    fc.property(headers, (header) => {
      const reader = new ByteReader(writeHeader(header), "a header");
      expect(readHeader(reader)).toEqual(header);
      reader.end();
    }),
    { numRuns: 100 },
  );
});

describe("a header", () => {
  const bytesFor = (change: Partial<ArchiveHeader>) => writeHeader({ ...HEADER, name: "", ...change });
  const read = (bytes: Uint8Array) => readHeader(new ByteReader(bytes, "a header"));

  test("has names of any length and sign", () => {
    const css = { codec: "dict-transport", format: "css", mediaType: "text/css" };
    const names = [
      "a",
      ".css",
      "style.css",
      "style.min.css.css",
      "x.CSS",
      "Bericht 2024 (3)~'`{}.log",
      "日本.css",
      "a/b",
    ];
    for (const name of [...names, "e".repeat(255)]) {
      expect(read(bytesFor({ ...css, name })).name).toBe(name);
    }
    expect(bytesFor({ ...css, name: "bootstrap-5.3.3.css" }).length).toBe(12);
  });

  test("drops a time that four bytes cannot tell, and the fraction of a second", () => {
    const timeOf = (createdAt: number) => read(bytesFor({ createdAt })).createdAt;
    expect(timeOf(Date.UTC(2031, 1, 2) + 345)).toBe(Date.UTC(2031, 1, 2));
    expect(timeOf(0)).toBeUndefined();
    expect(timeOf(Date.UTC(2200, 0))).toBeUndefined();
  });

  test("with bytes behind the end of its maps, or bits behind that of its name, is damaged", () => {
    const maps = bytesFor({ params: { precision: 6 } });
    const longer = Uint8Array.of(...maps.with(2, maps[2]! + 1), 0);
    expect(() => read(longer)).toThrow("do not inflate");
    const name = bytesFor({ name: "a.log" });
    expect(read(name).name).toBe("a.log");
    expect(() => read(name.with(-1, name.at(-1)! | 1))).toThrow("bits behind its end");
    expect(() => read(Uint8Array.of(...name.slice(0, 2), ...Array(9).fill(0xff)))).toThrow(
      "1 bytes wanted, 0 left",
    );
  });
});

test("blocks are found by the bytes that they hold", async () => {
  const archive = await open(await write([{ block: "a" }, { block: "b" }, { block: "c" }]));
  expect(archive.blocksOf(0, 30)).toEqual([0, 3]);
  expect(archive.blocksOf(0, 10)).toEqual([0, 1]);
  expect(archive.blocksOf(9, 11)).toEqual([0, 2]);
  expect(archive.blocksOf(20, 21)).toEqual([2, 3]);
  expect(archive.blocksOf(5, 5)).toEqual([0, 0]);
});

test("opening reads both ends, a block only itself", async () => {
  const bytes = await write(Array.from({ length: 9 }, () => ({ block: "x".repeat(50_000) })));
  const reads: [number, number][] = [];
  const counting: Source = {
    size: bytes.length,
    async read(offset, length) {
      reads.push([offset, length]);
      return bytes.subarray(offset, offset + length);
    },
  };
  const archive = await ArchiveReader.open(counting);
  expect(reads.length).toBe(2);
  await archive.readBlock(4);
  const { offset, frameBytes } = archive.segments[4]!;
  expect(reads.slice(2)).toEqual([[offset, frameBytes]]);
});

describe("damage", () => {
  test("every truncation is refused, and the message counts what is whole", async () => {
    const bytes = await write(MIXED);
    const last = (await open(bytes)).segments[1]!;
    for (let length = 0; length < bytes.length; length++) {
      const error = await refusal(bytes.subarray(0, length));
      expect(error).toBeInstanceOf(Refusal);
      expect(error.kind).toBe("damaged");
    }
    const almost = await refusal(bytes.subarray(0, last.offset + last.frameBytes - 1));
    expect(almost.message).toContain("1 whole blocks with 30 bytes of content");
    expect(almost.details).toMatchObject({ blocks: 1, contentBytes: 30 });
  });

  test("a damaged block is named", async () => {
    const bytes = await write(MIXED);
    const archive = await open(bytes);
    const { offset, frameBytes } = archive.segments[1]!;
    bytes[offset + frameBytes - 1]! ^= 1;
    await expect(archive.readBlock(1)).rejects.toMatchObject({
      message: `Block 1 at byte ${offset} is damaged: its stored bytes do not match their checksum.`,
      details: { block: 1, offset },
    });
  });

  test("an index of hostile lengths", () => {
    const sha = Buffer.from(SHA256, "hex");
    const index = (...numbers: number[]) => {
      const writer = new ByteWriter().raw(sha);
      for (const number of numbers) writer.varint(number);
      return writer.finish();
    };
    expect(() => readIndex(index(1_000_000))).toThrow("damaged");
    expect(() => readIndex(index(1, (64 << 20) * 4, 5))).toThrow("damaged");
    expect(() => readIndex(index(1, 40, 2 ** 52))).toThrow("larger than");
    expect(() => readIndex(index(1, 0, 5))).toThrow("an empty block");
    expect(() => readIndex(index(2, 43, 5, 40, 5))).toThrow("not alone");
  });

  test("an index that claims more than the file holds", async () => {
    const bytes = await write(MIXED);
    const last = (await open(bytes)).segments[1]!;
    const index = new ByteWriter()
      .raw(Buffer.from(SHA256, "hex"))
      .varint(1)
      .varint(40)
      .varint(2 ** 25)
      .finish();
    const end = new ByteWriter().byte(0).raw(index).raw(trailer(index)).finish();
    const head = bytes.subarray(0, last.offset + last.frameBytes);
    expect((await refusal(Buffer.concat([head, end]))).message).toContain("its index describes");
  });

  test("another kind of file, and an archive of the future", async () => {
    expect((await refusal(Buffer.from("%PDF-1.7"))).message).toContain("not a Smallest archive");
    expect((await refusal(new Uint8Array(0))).message).toContain("not a Smallest archive");
    const future = await write([]);
    future[MAGIC.length] = 2;
    expect((await refusal(future)).message).toContain("later format");
  });
});

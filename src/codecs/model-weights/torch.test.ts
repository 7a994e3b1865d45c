import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { through } from "../preparing.fixture";
import { modelWeights } from "./index";
import { LEGACY_MAGIC } from "./legacy";
import {
  floats,
  join,
  latin1Bytes,
  makePickle,
  makeZip,
  numbers,
  readZip,
  type ZipOptions,
} from "./making.fixture";
import { readPickle } from "./pickle";
import { pt } from "./torch";

// Properties run files through hundreds of times; busy machines need longer than usual.
setDefaultTimeout(60_000);

const run = (bytes: Uint8Array, drop_bits = 4) =>
  through(modelWeights, bytes, { format: "pt", params: { drop_bits } });
const ODD = floats(...Array.from({ length: 30 }, (_, i) => (i + 1) / 3));
const INTS = Uint8Array.from({ length: 24 }, (_, i) => 7 * i + 1);
const PICKLE = makePickle([
  { cls: "FloatStorage", key: "0", elements: 30 },
  { cls: "LongStorage", key: "1", elements: 3 },
  { cls: "HalfStorage", key: "2", elements: 12 },
]);

function checkpoint(options: ZipOptions = {}, more: Record<string, Uint8Array> = {}): Uint8Array {
  const members = {
    "m/data.pkl": PICKLE,
    ...more,
    "m/data/0": ODD,
    "m/data/1": INTS,
    "m/data/2": INTS,
    "m/version": latin1Bytes("3\n"),
  };
  return makeZip(members, options);
}

/** Whether every float32 has its low four bits clear. */
function isRounded(bytes: Uint8Array, bigEndian = false): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, !bigEndian)).every(
    (word) => word % 16 === 0,
  );
}

describe("zip checkpoints", () => {
  test.each<[string, ZipOptions]>([
    ["plain", {}],
    ["with signed data descriptors", { descriptor: "signed" }],
    ["with bare data descriptors", { descriptor: "plain" }],
    ["in zip64", { zip64: true }],
  ])("%s: floats rounded, integers exact, every CRC-32 right", async (_, options) => {
    const bytes = checkpoint(options);
    const { content, prepared } = await run(bytes);
    const members = readZip(content);
    expect(content.length).toBe(bytes.length);
    expect(members.get("m/data.pkl")).toEqual(PICKLE);
    expect(members.get("m/data/1")).toEqual(INTS);
    expect(isRounded(members.get("m/data/0")!)).toBe(true);
    expect(members.get("m/data/2")).not.toEqual(INTS);
    expect(prepared.report).toMatchObject({ tensors: 2, values: 42, drop_bits: 4 });
    expect((await run(content)).prepared.lossless).toBe(true);
  });

  test("big-endian storages are rounded as such", async () => {
    const { content } = await run(checkpoint({}, { "m/byteorder": latin1Bytes("big") }));
    expect(isRounded(readZip(content).get("m/data/0")!, true)).toBe(true);
  });

  test("compressed members and storages of no known type stay exact", async () => {
    const pickle = makePickle([{ cls: "SecretStorage", key: "0", elements: 30 }]);
    const bytes = makeZip({ "m/data.pkl": pickle, "m/data/0": ODD });
    expect((await run(bytes)).content).toEqual(bytes);
    const deflated = checkpoint();
    for (let at = 0; at < deflated.length - 4; at++) {
      // The method's field of every directory entry.
      if (Buffer.from(deflated.subarray(at, at + 4)).equals(Buffer.from("PK\x01\x02", "latin1")))
        deflated[at + 10] = 8;
    }
    expect((await run(deflated)).content).toEqual(deflated);
  });

  test("a storage read as two types stays exact", async () => {
    const pickle = makePickle([
      { cls: "FloatStorage", key: "0", elements: 30 },
      { cls: "IntStorage", key: "0", elements: 30 },
    ]);
    const bytes = makeZip({ "m/data.pkl": pickle, "m/data/0": ODD });
    expect((await run(bytes)).content).toEqual(bytes);
  });

  test("mutated archives go through: a lossless one is bit-identical, no other changes its length", async () => {
    const bytes = checkpoint({ descriptor: "signed" });
    const mutation = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(mutation, fc.nat(bytes.length), async (changes, cut) => {
        const mutated = new Uint8Array(bytes);
        for (const [at, value] of changes) mutated[at] = value;
        for (const input of [mutated, bytes.slice(0, cut)]) {
          const { content, prepared } = await run(input);
          expect(content.length).toBe(input.length);
          if (prepared.lossless) expect(content).toEqual(input);
        }
      }),
      { numRuns: 80 },
    );
  });
});

const LEGACY_FRONT = join(
  latin1Bytes(LEGACY_MAGIC),
  latin1Bytes("\x80\x02M\xe9\x03."),
  latin1Bytes("\x80\x02}."),
  PICKLE,
);

function legacy(): Uint8Array {
  const keys = latin1Bytes("\x80\x02](X\x01\x00\x00\x001X\x01\x00\x00\x000e.");
  return join(LEGACY_FRONT, keys, numbers([3, 8]), INTS, numbers([30, 8]), ODD);
}

describe("legacy checkpoints", () => {
  test("storages behind the pickles are rounded at any alignment", async () => {
    const bytes = legacy();
    const { content } = await run(bytes);
    expect(content.subarray(0, bytes.length - 120)).toEqual(bytes.subarray(0, bytes.length - 120));
    expect(isRounded(content.slice(-120))).toBe(true);
    expect((await run(content)).prepared.lossless).toBe(true);
  });

  test("cut anywhere, what is left keeps its length", async () => {
    const bytes = legacy();
    for (let length = 0; length < bytes.length; length += 13) {
      expect((await run(bytes.slice(0, length))).content.length).toBe(length);
    }
  });
});

test("the tar form: a pickle before each storage", async () => {
  const one = latin1Bytes("\x80\x02K\x01.");
  const storage = latin1Bytes("\x80\x02(X\x01\x00\x00\x000X\x03\x00\x00\x00cpuctorch\nFloatStorage\nt.");
  const member = join(one, storage, numbers([30, 8]), ODD);
  const header = new Uint8Array(512);
  header.set(latin1Bytes("storages"));
  header.set(latin1Bytes(member.length.toString(8).padStart(11, "0")), 124);
  header.set(latin1Bytes("ustar"), 257);
  const bytes = join(header, member, new Uint8Array(1024));
  expect(pt.sniff({ head: bytes, tail: bytes, size: bytes.length, name: "" }).confidence).toBeGreaterThan(0.5);
  const { content } = await run(bytes);
  const start = 512 + member.length - 120;
  expect(isRounded(content.slice(start, start + 120))).toBe(true);
  expect(content.subarray(0, start)).toEqual(bytes.subarray(0, start));
});

describe("pickles", () => {
  test("any bytes are read or refused, in bounded time", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(PICKLE.length - 1), (noise, at) => {
        const mutated = new Uint8Array(PICKLE);
        mutated.set(noise.subarray(0, PICKLE.length - at), at);
        for (const bytes of [noise, mutated]) {
          try {
            expect(readPickle(bytes).end).toBeLessThanOrEqual(bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("persistent ids come out with their classes", () => {
    const ids = readPickle(PICKLE).persistentIds;
    expect(ids[0]).toEqual([
      "storage",
      expect.objectContaining({ module: "torch", name: "FloatStorage" }),
      "0",
      "cpu",
      30,
    ]);
    expect(ids).toHaveLength(3);
  });
});

test("sniffing knows checkpoints and refuses other archives with a reason", () => {
  const probe = (bytes: Uint8Array) => ({ head: bytes, tail: bytes, size: bytes.length, name: "" });
  expect(pt.sniff(probe(checkpoint())).confidence).toBeGreaterThan(0.9);
  expect(pt.sniff(probe(legacy())).confidence).toBe(1);
  const other = pt.sniff(probe(makeZip({ "word/document.xml": ODD })));
  expect(other).toMatchObject({ confidence: 0, why: expect.stringContaining("data.pkl") });
  expect(pt.sniff(probe(latin1Bytes("%PDF-1.7")))).toMatchObject({ confidence: 0 });
});

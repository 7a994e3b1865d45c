import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { through } from "../preparing.fixture";
import { modelWeights } from "./index";
import { floats, join, makeSafetensors, withHeader } from "./making.fixture";
import { safetensors } from "./safetensors";

// Properties run files through hundreds of times; busy machines need longer than usual.
setDefaultTimeout(60_000);

const run = (bytes: Uint8Array, drop_bits: number) =>
  through(modelWeights, bytes, { format: "safetensors", params: { drop_bits } });

function probe(bytes: Uint8Array) {
  return { head: bytes.subarray(0, 1 << 16), tail: bytes.subarray(-(1 << 16)), size: bytes.length, name: "" };
}

/** Floats whose mantissas use all bits. */
const ODD = floats(...Array.from({ length: 50 }, (_, i) => (i - 25) / 3));

const mixed = makeSafetensors(
  {
    weight: { dtype: "F32", shape: [50], data: ODD },
    ids: { dtype: "I64", shape: [2], data: Uint8Array.from({ length: 16 }, (_, i) => 255 - i) },
    half: { dtype: "BF16", shape: [3], data: Uint8Array.of(0x81, 0x3f, 0x83, 0x3f, 0xff, 0xff) },
    tiny: { dtype: "F8_E4M3", shape: [3], data: Uint8Array.of(1, 3, 5) },
    scalar: { dtype: "F64", shape: [], data: new Uint8Array(new Float64Array([Math.PI]).buffer) },
    empty: { dtype: "F32", shape: [0], data: new Uint8Array() },
  },
  5,
);

describe("rounding", () => {
  test("drop_bits=0 keeps every bit", async () => {
    const { prepared, content } = await run(mixed, 0);
    expect(prepared.lossless).toBe(true);
    expect(content).toEqual(mixed);
  });

  test.each([1, 2, 3, 4])("drop_bits=%d keeps length, header, integers and FP8", async (drop) => {
    const { prepared, content } = await run(mixed, drop);
    const start = mixed.length - 200 - 16 - 6 - 3 - 8;
    expect(content.length).toBe(mixed.length);
    expect(content.subarray(0, start)).toEqual(mixed.subarray(0, start));
    expect(content.subarray(start + 200, start + 216)).toEqual(mixed.subarray(start + 200, start + 216));
    expect(content.subarray(start + 222, start + 225)).toEqual(mixed.subarray(start + 222, start + 225));
    const words = new Uint32Array(content.slice(start, start + 200).buffer);
    expect(words.every((word) => word % 2 ** drop === 0)).toBe(true);
    expect(prepared).toMatchObject({ lossless: false, report: { tensors: 4, values: 54, drop_bits: drop } });
  });

  test("a download goes in again unchanged", async () => {
    const { content } = await run(mixed, 3);
    const again = await run(content, 3);
    expect(again.prepared.lossless).toBe(true);
    expect(again.prepared.path).toBeUndefined();
  });
});

describe("odd directories", () => {
  const data = join(ODD, ODD);
  const file = (tensors: Record<string, unknown>) => withHeader(JSON.stringify(tensors), [data]);
  const tensor = (dtype: string, count: number, from: number, to: number) => ({
    dtype,
    shape: [count],
    data_offsets: [from, to],
  });

  test("ranges read as two types stay exact", async () => {
    const { prepared } = await run(file({ a: tensor("F32", 100, 0, 400), b: tensor("I32", 2, 8, 16) }), 4);
    expect(prepared.lossless).toBe(true);
  });

  test("tied weights of one type are rounded once", async () => {
    const { prepared } = await run(file({ a: tensor("F32", 50, 0, 200), b: tensor("F32", 75, 100, 400) }), 4);
    expect(prepared.report).toMatchObject({ values: 100 });
  });

  test("tensors out of order with holes between them", async () => {
    const bytes = file({ b: tensor("F32", 10, 360, 400), a: tensor("F32", 10, 4, 44) });
    const { content } = await run(bytes, 4);
    const start = bytes.length - 400;
    expect(content.subarray(start + 44, start + 360)).toEqual(bytes.subarray(start + 44, start + 360));
    expect(content.subarray(start, start + 4)).toEqual(bytes.subarray(start, start + 4));
    expect(content).not.toEqual(bytes);
  });

  test.each([
    ["beyond the end", tensor("F32", 200, 0, 800)],
    ["of another shape", tensor("F32", 7, 0, 400)],
    ["backwards", tensor("F32", 100, 400, 0)],
    ["of no offsets", { dtype: "F32", shape: [100] }],
    ["of huge numbers", tensor("F32", 2 ** 52, 0, 2 ** 53)],
    ["null", null],
  ])("a tensor %s stays exact", async (_, entry) => {
    const bytes = file({ a: entry });
    expect((await run(bytes, 4)).content).toEqual(bytes);
  });

  test("no header or a cut one is kept or refused, never wrong", async () => {
    for (const length of [0, 7, 8, 9, 40, mixed.length - 1]) {
      const cut = mixed.subarray(0, length);
      const { content } = await run(cut, 4);
      expect(content.length).toBe(length);
    }
  });

  test("mutated files go through and keep their length and header", async () => {
    const mutation = fc.array(fc.tuple(fc.nat(mixed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(mutation, async (changes) => {
        const bytes = new Uint8Array(mixed);
        for (const [at, value] of changes) bytes[at] = value;
        const { content, prepared } = await run(bytes, 4);
        expect(content.length).toBe(bytes.length);
        expect(content.subarray(0, 60)).toEqual(bytes.subarray(0, 60));
        if (prepared.lossless) expect(content).toEqual(bytes);
      }),
      { numRuns: 80 },
    );
  });
});

describe("sniffing", () => {
  test("knows its own", () => {
    expect(safetensors.sniff(probe(mixed)).confidence).toBeGreaterThan(0.9);
  });

  test.each([
    ["text", new TextEncoder().encode("just some text that is long enough")],
    ["a length beyond the file", withHeader('{"a":1}', []).fill(0xff, 0, 4)],
    ["JSON of another kind", withHeader('{"name":"value"}', [])],
  ])("refuses %s with a reason", (_, bytes) => {
    expect(safetensors.sniff(probe(bytes))).toMatchObject({
      confidence: 0,
      why: expect.stringContaining("header"),
    });
  });
});

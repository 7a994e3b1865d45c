import { describe, expect, test } from "bun:test";
import { deflateRawSync, deflateSync, gzipSync, type ZlibOptions, constants as zlib } from "node:zlib";
import fc from "fast-check";
import { deflateSync as fflate } from "fflate";
import { analyseDeflate, type DeflateParts } from "../../kernels/recompress/deflate";
import { deflate, deflateParams, type RecipeEntry, type Wrapping, writeRecipe } from "./deflate";

const TEXT = Buffer.from(
  Array.from({ length: 3000 }, (_, i) => `${i} ${(i * i * 7919) % 1009} of the ${i % 17} lines\n`).join(""),
);

function apply(inputs: Uint8Array[], length: number): Uint8Array {
  const params = deflateParams(length);
  const lengths = inputs.map((input) => input.length);
  expect(deflate.outputLength(lengths, params)).toBe(length);
  return deflate.apply(inputs, params, length);
}

const NOTHING = new Uint8Array(0);

function entry(wrapping: Wrapping, parts: DeflateParts, over: Partial<RecipeEntry> = {}): RecipeEntry {
  const { plain, corrections } = parts;
  return {
    gap: 0,
    content: 0,
    length: plain.length,
    wrapping,
    corrections: corrections.length,
    cuts: [],
    ...over,
  };
}

/** The transform's output for one stream alone. */
function restored(stream: Uint8Array, wrapping: Wrapping = "deflate", length = stream.length): Uint8Array {
  const parts = analyseDeflate(stream);
  if (!parts) throw new Error("the stream cannot be taken apart");
  return apply([NOTHING, writeRecipe([entry(wrapping, parts)]), parts.corrections, parts.plain], length);
}

describe("streams of many encoders come back", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])("zlib, level %d", (level) => {
    const stream = deflateRawSync(TEXT, { level });
    expect(Buffer.compare(restored(stream), stream)).toBe(0);
    expect(analyseDeflate(stream)!.corrections.length).toBeLessThan(stream.length / 4);
  });

  test.each<[string, ZlibOptions]>([
    ["fixed codes", { strategy: zlib.Z_FIXED }],
    ["no matches", { strategy: zlib.Z_HUFFMAN_ONLY }],
    ["runs only", { strategy: zlib.Z_RLE }],
    ["a small window", { windowBits: 10 }],
    ["little memory", { memLevel: 1 }],
  ])("zlib, %s", (_, options) => {
    const stream = deflateRawSync(TEXT, options);
    expect(Buffer.compare(restored(stream), stream)).toBe(0);
  });

  test.each([1, 6, 9] as const)("fflate, level %d", (level) => {
    const stream = fflate(TEXT, { level });
    expect(Buffer.compare(restored(stream), stream)).toBe(0);
  });

  test.each([1, 6, 9, 12])("libdeflate, level %d", (level) => {
    const stream = Bun.deflateSync(TEXT, { library: "libdeflate", level } as Bun.LibdeflateCompressionOptions);
    expect(Buffer.compare(restored(stream), stream)).toBe(0);
  });

  test("any bytes, at any level: exactly or not at all", () => {
    const content = fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.string({ maxLength: 3000 }));
    fc.assert(
      fc.property(content, fc.integer({ min: 0, max: 9 }), (content, level) => {
        const stream = deflateRawSync(typeof content === "string" ? Buffer.from(content) : content, { level });
        const parts = analyseDeflate(stream);
        if (parts) expect(Buffer.compare(restored(stream), stream)).toBe(0);
      }),
    );
  });
});

test("wrappings add what follows from the content", () => {
  const zlibStream = deflateSync(TEXT);
  const parts = analyseDeflate(zlibStream.subarray(2, -4))!;
  const recipe = (wrapping: Wrapping, gap: number) => writeRecipe([entry(wrapping, parts, { gap })]);
  const made = (wrapping: Wrapping, skeleton: Uint8Array, length: number) =>
    apply([skeleton, recipe(wrapping, skeleton.length), parts.corrections, parts.plain], length);
  expect(Buffer.compare(made("zlib", zlibStream.subarray(0, 2), zlibStream.length), zlibStream)).toBe(0);
  const gzip = gzipSync(TEXT);
  expect(Buffer.compare(made("gzip", gzip.subarray(0, 10), gzip.length), gzip)).toBe(0);
  const block = made("bgzf", NOTHING, zlibStream.length - 6 + 26);
  expect([...block.subarray(0, 4)]).toEqual([31, 139, 8, 4]);
  expect(block[16]! + 256 * block[17]!).toBe(block.length - 1);
  expect(Buffer.compare(Bun.gunzipSync(Uint8Array.from(block)), TEXT)).toBe(0);
});

test("the skeleton breaks streams where the recipe says", () => {
  const stream = deflateRawSync(TEXT);
  const parts = analyseDeflate(stream)!;
  const cuts = [
    { after: 10, gap: 3 },
    { after: 0, gap: 1 },
  ];
  const recipe = writeRecipe([entry("deflate", parts, { gap: 2, cuts })]);
  const made = apply([Buffer.from("abcdefgh"), recipe, parts.corrections, parts.plain], stream.length + 8);
  const expected = Buffer.concat([
    Buffer.from("ab"),
    stream.subarray(0, 10),
    Buffer.from("cdef"),
    stream.subarray(10),
  ]);
  expect(Buffer.compare(made, Buffer.concat([expected, Buffer.from("gh")]))).toBe(0);
});

test("entries repeat earlier ones, with what breaks them", () => {
  const stream = deflateRawSync(TEXT);
  const parts = analyseDeflate(stream)!;
  const again = (content: number) => entry("again", { plain: NOTHING, corrections: NOTHING }, { content, gap: 1 });
  const recipe = (number: number) =>
    writeRecipe([entry("deflate", parts, { cuts: [{ after: 10, gap: 2 }] }), again(number), again(1)]);
  const made = (number: number, length = 3 * stream.length + 9) =>
    apply([Buffer.from("abcde"), recipe(number), parts.corrections, parts.plain], length);
  const once = Buffer.concat([stream.subarray(0, 10), Buffer.from("ab"), stream.subarray(10)]);
  const expected = Buffer.concat([once, Buffer.from("c"), once, Buffer.from("d"), once, Buffer.from("e")]);
  expect(Buffer.compare(made(0), expected)).toBe(0);
  expect(() => made(1)).toThrow("before");
  expect(() => made(7)).toThrow("before");
  expect(() => made(0, 2 * stream.length)).toThrow();
});

describe("what is no sound stream is not taken apart", () => {
  const stream = deflateRawSync(TEXT);

  test("cut off, or with more behind it", () => {
    expect(analyseDeflate(stream.subarray(0, stream.length - 5))).toBeUndefined();
    expect(analyseDeflate(Buffer.concat([stream, Buffer.from("more")]))).toBeUndefined();
    expect(analyseDeflate(NOTHING)).toBeUndefined();
  });

  test("damaged: another stream, or none", () => {
    for (let at = 0; at < stream.length; at += 499) {
      const damaged = Uint8Array.from(stream);
      damaged[at]! ^= 0x24;
      const parts = analyseDeflate(damaged);
      if (parts) expect(Buffer.compare(restored(damaged), damaged)).toBe(0);
    }
  });

  test("a bomb", () => {
    expect(analyseDeflate(deflateRawSync(Buffer.alloc(64 << 20)))).toBeUndefined();
  });
});

test("hostile inputs give an error or bytes of the right length", () => {
  const stream = deflateRawSync(TEXT);
  const parts = analyseDeflate(stream)!;
  const inputs = [NOTHING, writeRecipe([entry("deflate", parts)]), parts.corrections, parts.plain];
  const mutation = fc.record({ input: fc.nat(3), at: fc.nat(500), byte: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
      const damaged = inputs.map((input) => Uint8Array.from(input));
      for (const { input, at, byte } of mutations) damaged[input]![at % (damaged[input]!.length || 1)] = byte;
      try {
        expect(apply(damaged, stream.length).length).toBe(stream.length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});

import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import type { PlanNode } from "../../graph/plan";
import { jpegImage } from "../samples/jpeg";
import { pack } from "../samples/making";
import { joinBytes, noise, render } from "../testing";
import { geospatial } from ".";

type Tag = readonly [tag: number, type: number, ...values: number[]];

interface Options {
  readonly bigEndian?: boolean;
  readonly bigTiff?: boolean;
}

const TYPE_BYTES: Readonly<Record<number, 1 | 2 | 4>> = { 3: 2, 4: 4, 7: 1 };

/** A file of one directory whose chunks follow its header, and stand in tags 273 and 279. */
function tiff(chunks: readonly Uint8Array[], tags: readonly Tag[], options: Options = {}): Uint8Array {
  const { bigEndian = false, bigTiff = false } = options;
  const word = bigTiff ? 8 : 4;
  const little = !bigEndian;
  const headerBytes = bigTiff ? 16 : 8;
  const data = joinBytes(...chunks);
  let at = headerBytes;
  const offsets = chunks.map(({ length }) => (at += length) - length);
  const lengths = chunks.map(({ length }) => length);
  const all: Tag[] = [...tags, [273, 4, ...offsets], [279, 4, ...lengths]];
  const outside: Uint8Array[] = [];
  let outsideAt = at;
  const entries = all.map(([tag, type, ...values]) => {
    const size = TYPE_BYTES[type]!;
    const bytes = pack(little, ...values.map((value): [1 | 2 | 4, number] => [size, value]));
    const head = pack(little, [2, tag], [2, type], [word, values.length]);
    if (bytes.length <= word) return joinBytes(head, bytes, new Uint8Array(word - bytes.length));
    outside.push(bytes);
    outsideAt += bytes.length;
    return joinBytes(head, pack(little, [word, outsideAt - bytes.length]));
  });
  const first = bigTiff
    ? pack(little, [2, 43], [2, 8], [2, 0], [8, outsideAt])
    : pack(little, [2, 42], [4, outsideAt]);
  const directory = joinBytes(pack(little, [bigTiff ? 8 : 2, all.length]), ...entries, pack(little, [word, 0]));
  const order = Uint8Array.of(...(bigEndian ? [0x4d, 0x4d] : [0x49, 0x49]));
  return joinBytes(order, first, data, ...outside, directory);
}

const WIDTH = 32;
const ROWS = 16;

function described(bits: number, format: number, compression: number, predictor: number, strips: number): Tag[] {
  return [
    [256, 3, WIDTH],
    [257, 3, ROWS * strips],
    [258, 3, bits],
    [259, 3, compression],
    [278, 3, ROWS],
    [317, 3, predictor],
    [339, 3, format],
  ];
}

/** Names of the plan's nodes, outermost first; fails unless the plan gives the file back. */
async function planned(file: Uint8Array, level: "fast" | "max" = "max"): Promise<string[]> {
  const { bytes, segments } = await render(geospatial, file, { format: "geotiff", level });
  expect(Buffer.compare(bytes, file)).toBe(0);
  const names: string[] = [];
  const visit = (node: PlanNode) => {
    names.push(node.kind === "transform" ? node.transform : node.kind === "model" ? node.model : "part");
    if (node.kind === "transform") node.inputs.forEach(visit);
  };
  for (const { root } of segments) visit(root);
  return names;
}

describe.each([
  ["", {}],
  ["big-endian ", { bigEndian: true }],
  ["BigTIFF, ", { bigTiff: true }],
  ["big-endian BigTIFF, ", { bigEndian: true, bigTiff: true }],
] as const)("%sdeflated strips", (_, options) => {
  test.each([
    ["bytes", 8, 1, 1],
    ["differences of bytes", 8, 1, 2],
    ["differences of 16 bits", 16, 2, 2],
    ["differences of 32 bits", 32, 1, 2],
    ["16-bit floats", 16, 3, 3],
    ["32-bit floats", 32, 3, 3],
    ["64-bit floats", 64, 3, 3],
    ["differences of 32-bit floats", 32, 3, 2],
  ] as const)("%s", async (_, bits, format, predictor) => {
    const strips = [1, 2].map((seed) =>
      Uint8Array.from(noise((WIDTH * ROWS * bits) / 8, seed), (byte) => byte & 3),
    );
    const file = tiff(
      strips.map((strip) => new Uint8Array(deflateSync(strip))),
      described(bits, format, 8, predictor, strips.length),
      options,
    );
    const names = await planned(file);
    expect(names.filter((name) => name === "tiff" || name === "image")).toEqual(["tiff", "image"]);
  });
});

/** Marker segments of an image: those with tables, the others. */
function abbreviated(image: Uint8Array): { tables: Uint8Array; rest: Uint8Array } {
  const tables: Uint8Array[] = [Uint8Array.of(0xff, 0xd8)];
  const rest: Uint8Array[] = [Uint8Array.of(0xff, 0xd8)];
  let at = 2;
  while (image[at + 1] !== 0xda) {
    const end = at + 2 + image[at + 2]! * 256 + image[at + 3]!;
    (image[at + 1] === 0xc0 ? rest : tables).push(image.subarray(at, end));
    at = end;
  }
  return {
    tables: joinBytes(...tables, Uint8Array.of(0xff, 0xd9)),
    rest: joinBytes(...rest, image.subarray(at)),
  };
}

describe("JPEG", () => {
  const images = [1, 2, 3].map((seed) => jpegImage(4, seed));
  const tags = (compression: number): Tag[] => described(8, 1, compression, 1, images.length);

  test("strips with all their tables", async () => {
    const names = await planned(tiff(images, tags(7)));
    expect(names).toContain("jpegs");
    expect(await planned(tiff(images, tags(7)), "fast")).not.toContain("jpegs");
  });

  test("strips whose tables stand in the directory", async () => {
    const { tables } = abbreviated(images[0]!);
    const strips = images.map((image) => abbreviated(image).rest);
    const file = tiff(strips, [...tags(7), [347, 7, ...tables]], { bigEndian: true });
    expect(await planned(file)).toContain("jpegs");
  });

  test("one image of the old kind", async () => {
    const old: Tag[] = [
      [513, 4, 8],
      [514, 4, images[0]!.length],
    ];
    const names = await planned(tiff(images.slice(0, 1), [...tags(6), ...old]));
    expect(names.filter((name) => name === "jpegs")).toEqual(["jpegs"]);
  });

  test("strips that share bytes, or end behind the file", async () => {
    const file = tiff(images, tags(7));
    await fc.assert(
      fc.asyncProperty(fc.nat(250), fc.nat(255), fc.nat(300), async (back, value, cut) => {
        const broken = file.slice();
        broken[broken.length - 1 - back] = value;
        await planned(broken.subarray(0, broken.length - cut));
      }),
      { numRuns: 60 },
    );
  });
});

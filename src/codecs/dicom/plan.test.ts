import { describe, expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import type { Level, PlanNode, Segment } from "../../graph/plan";
import { jpegImage } from "../samples/jpeg";
import { pack } from "../samples/making";
import { bytesOf, joinBytes, noise, render } from "../testing";
import { dicom } from ".";

interface Options {
  readonly littleEndian?: boolean;
  readonly explicit?: boolean;
}

type Tag = readonly [group: number, element: number];

function element(tag: Tag, vr: string, value: Uint8Array, { littleEndian = true, explicit = true }: Options = {}) {
  const head = explicit
    ? ["OB", "OW", "SQ", "UN"].includes(vr)
      ? ([vr, [2, 0], [4, value.length]] as const)
      : ([vr, [2, value.length]] as const)
    : ([[4, value.length]] as const);
  return pack(littleEndian, [2, tag[0]], [2, tag[1]], ...head, value);
}

const short = (value: number, options: Options = {}) => pack(options.littleEndian ?? true, [2, value]);

function meta(syntax: string): Uint8Array {
  const uid = bytesOf(syntax.length % 2 === 0 ? syntax : `${syntax}\0`);
  return joinBytes(new Uint8Array(128), bytesOf("DICM"), element([2, 0x10], "UI", uid));
}

/** 40 columns, 30 rows, 16 bits. */
function describeImage(options: Options = {}, frames = 1): Uint8Array {
  return joinBytes(
    element([0x28, 2], "US", short(1, options), options),
    element([0x28, 8], "IS", bytesOf(String(frames).padEnd(2)), options),
    element([0x28, 0x10], "US", short(30, options), options),
    element([0x28, 0x11], "US", short(40, options), options),
    element([0x28, 0x100], "US", short(16, options), options),
    element([0x28, 0x103], "US", short(1, options), options),
  );
}

const FRAME_BYTES = 2400;
const patient = (options: Options = {}) => element([0x10, 0x10], "PN", bytesOf("DOE^JANE"), options);
const pixels = (length: number, options: Options = {}) => element([0x7fe0, 0x10], "OW", noise(length), options);

async function plan(file: Uint8Array, level: Level = "fast"): Promise<readonly Segment[]> {
  const { bytes, segments } = await render(dicom, file, { level });
  expect(Buffer.compare(bytes, file)).toBe(0);
  return segments;
}

/** Lengths of the segments that the image model codes, and its flags. */
async function images(file: Uint8Array): Promise<[number, number][]> {
  const segments = await plan(file);
  return segments.flatMap(({ length, root }) =>
    root.kind === "model" && root.model === "image" ? [[length, root.params!.at(-1)!]] : [],
  );
}

const LITTLE = 1 + 8;
const BIG = 1 + 8 + 4;

/** Names of the plan's models and transforms, outermost first, and how long the models' data are. */
async function nodes(file: Uint8Array, level: Level): Promise<string> {
  const names: string[] = [];
  const visit = (node: PlanNode) => {
    if (node.kind === "transform") {
      names.push(node.transform);
      node.inputs.forEach(visit);
    } else if (node.kind === "model") {
      names.push(`${node.model} ${node.data.length}`);
    }
  };
  for (const { root } of await plan(file, level)) visit(root);
  return names.join(", ");
}

describe("native pixel data", () => {
  test.each([
    ["explicit little endian", "1.2.840.10008.1.2.1", {}, LITTLE],
    ["implicit little endian", "1.2.840.10008.1.2", { explicit: false }, LITTLE],
    ["explicit big endian", "1.2.840.10008.1.2.2", { littleEndian: false }, BIG],
  ] as const)("%s", async (_, syntax, options, flags) => {
    const data = joinBytes(patient(options), describeImage(options), pixels(FRAME_BYTES, options));
    expect(await images(joinBytes(meta(syntax), data))).toEqual([[FRAME_BYTES, flags]]);
    const class_ = element([8, 0x16], "UI", bytesOf("1.2.3.45"), options);
    expect(await images(joinBytes(class_, data))).toEqual([[FRAME_BYTES, flags]]);
  });

  const explicit = meta("1.2.840.10008.1.2.1");

  test("behind sequences of undefined length", async () => {
    const item = pack(true, [2, 0xfffe], [2, 0xe000], [4, 0xffffffff]);
    const itemEnd = pack(true, [2, 0xfffe], [2, 0xe00d], [4, 0]);
    const sequenceEnd = pack(true, [2, 0xfffe], [2, 0xe0dd], [4, 0]);
    const rowsInside = element([0x28, 0x10], "US", short(3));
    const open = pack(true, [2, 0x28], [2, 0x9145], "SQ", [2, 0], [4, 0xffffffff]);
    const inside = joinBytes(open, item, rowsInside, itemEnd, item, open, sequenceEnd, itemEnd, sequenceEnd);
    const icon = joinBytes(describeImage(), inside);
    expect(await images(joinBytes(explicit, icon, pixels(FRAME_BYTES)))).toEqual([[FRAME_BYTES, LITTLE]]);
    const unknown = pack(true, [2, 0x29], [2, 0x1010], "UN", [2, 0], [4, 0xffffffff]);
    const implicit = element([0x28, 0x10], "US", short(3), { explicit: false });
    const wrapped = joinBytes(unknown, item, implicit, itemEnd, sequenceEnd);
    const file = joinBytes(explicit, describeImage(), wrapped, pixels(FRAME_BYTES));
    expect(await images(file)).toEqual([[FRAME_BYTES, LITTLE]]);
  });

  test("shorter and longer than promised", async () => {
    const file = (length: number) => joinBytes(explicit, describeImage({}, 3), pixels(length), patient());
    expect(await images(file(3 * FRAME_BYTES + 100))).toEqual([[3 * FRAME_BYTES, LITTLE]]);
    expect(await images(file(2 * FRAME_BYTES + 810))).toEqual([
      [2 * FRAME_BYTES, LITTLE],
      [800, LITTLE],
    ]);
    expect(await images(file(3 * FRAME_BYTES).subarray(0, -2000))).toEqual([
      [2 * FRAME_BYTES, LITTLE],
      [400, LITTLE],
    ]);
  });

  test("of no frames, no rows or no known depth goes to the general model", async () => {
    const bits = joinBytes(describeImage(), element([0x28, 0x100], "US", short(12)));
    const rows = joinBytes(describeImage(), element([0x28, 0x10], "US", short(0)));
    const frames = joinBytes(describeImage(), element([0x28, 8], "IS", bytesOf("-3")));
    for (const described of [bits, rows, frames]) {
      expect(await images(joinBytes(explicit, described, pixels(FRAME_BYTES)))).toEqual([]);
    }
  });

  test("in fragments goes to the general model", async () => {
    const open = pack(true, [2, 0x7fe0], [2, 0x10], "OB", [2, 0], [4, 0xffffffff]);
    expect(await images(joinBytes(explicit, describeImage(), open, noise(FRAME_BYTES)))).toEqual([]);
  });

  test("damaged anywhere is covered exactly", async () => {
    const file = joinBytes(explicit, patient(), describeImage({}, 2), pixels(2 * FRAME_BYTES), patient());
    await fc.assert(
      fc.asyncProperty(fc.nat(250), fc.nat(255), fc.nat(file.length), async (at, value, end) => {
        const broken = file.slice(0, Math.max(140, end));
        broken[Math.min(132 + at, broken.length - 1)] = value;
        await plan(broken);
      }),
    );
  });
});

describe("lossy JPEG", () => {
  const item = (value: Uint8Array) => pack(true, [2, 0xfffe], [2, 0xe000], [4, value.length], value);
  const open = pack(true, [2, 0x7fe0], [2, 0x10], "OB", [2, 0], [4, 0xffffffff]);
  const close = pack(true, [2, 0xfffe], [2, 0xe0dd], [4, 0]);
  const file = (...fragments: readonly Uint8Array[]) => {
    const items = [new Uint8Array(), ...fragments].map(item);
    return joinBytes(meta("1.2.840.10008.1.2.4.50"), describeImage(), open, ...items, close);
  };
  const images = [1, 2, 3].map((seed) => jpegImage(4, seed));
  const total = images.reduce((sum, { length }) => sum + length, 0);

  test("frames are one series", async () => {
    expect(await nodes(file(...images), "max")).toContain(`jpegs ${total}`);
    expect(await nodes(file(...images), "balanced")).toContain(`jpegs ${total}`);
    expect(await nodes(file(...images), "fast")).not.toContain("jpegs");
  });

  test("frames in several fragments", async () => {
    const fragments = images.flatMap((image) => [image.subarray(0, 200), image.subarray(200)]);
    expect(await nodes(file(...fragments), "max")).toContain(`jpegs ${total}`);
  });

  test("no frames, truncated frames, frames that are none", async () => {
    expect(await nodes(file(), "max")).not.toContain("jpegs");
    await plan(file(...images).subarray(0, -700), "max");
    await plan(file(noise(500), ...images, noise(300)), "max");
  });
});

describe("a deflated data set", () => {
  const rows = new Uint8Array(FRAME_BYTES).map((_, i) => (i % 80) + (i & 1 ? 0 : i >> 7));
  const data = joinBytes(patient(), describeImage(), element([0x7fe0, 0x10], "OW", rows));
  const file = joinBytes(meta("1.2.840.10008.1.2.1.99"), new Uint8Array(deflateRawSync(data)), new Uint8Array(1));

  test("is planned for itself", async () => {
    for (const level of ["fast", "max"] as const) {
      expect(await nodes(file, level)).toMatch(
        new RegExp(`^deflate, .*concat, general [0-9]+, image ${FRAME_BYTES}`),
      );
    }
  });

  test("damaged or truncated anywhere is covered exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), async (at, value, end) => {
        const broken = file.slice();
        broken[at] = value;
        await plan(broken.subarray(0, Math.max(140, end)), "max");
      }),
      { numRuns: 60 },
    );
  });
});

import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { PlanNode } from "../../graph/plan";
import { encodeRice } from "../../graph/transforms/rice/coder";
import { big } from "../samples/making";
import { bytesOf, joinBytes, noise, render } from "../testing";
import { fits } from ".";
import { FITS_BLOCK } from "./hdu";

function header(first: string, values: Record<string, number | string>): Uint8Array {
  const cards = Object.entries(values).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`);
  const text = [first, ...cards, "END"].map((card) => card.padEnd(80)).join("");
  return bytesOf(text.padEnd(Math.ceil(text.length / FITS_BLOCK) * FITS_BLOCK));
}

const PRIMARY = header("SIMPLE  =                    T", { BITPIX: 8, NAXIS: 0 });
const SIDE = 128;

interface Options {
  /** Bytes of a sample. */
  readonly bytes?: number;
  readonly numberBytes?: 4 | 8;
  readonly tileWidth?: number;
  readonly frames?: number;
  /** Compresses the samples of a tile; default: Rice. */
  readonly coded?: (samples: Int32Array, bytes: number) => Uint8Array;
  readonly more?: Record<string, number | string>;
}

function riceCoded(samples: Int32Array, bytes: number): Uint8Array {
  return encodeRice(samples, { bytes, blockSize: 32 }, 1 << 16);
}

function gzipCoded(samples: Int32Array, bytes: 1 | 2 | 4): Uint8Array {
  return new Uint8Array(gzipSync(big(...[...samples].map((sample): [1 | 2 | 4, number] => [bytes, sample]))));
}

/** First the upper bytes, then the lower ones. */
function shuffledGzipCoded(samples: Int32Array): Uint8Array {
  const bytes = [...samples].map((sample) => sample >> 8).concat([...samples].map((sample) => sample & 255));
  return new Uint8Array(gzipSync(Uint8Array.from(bytes)));
}

/** An image as the tile compression convention has it, a scale before each tile's descriptor. */
function file(options: Options = {}): Uint8Array {
  const { bytes = 2, numberBytes = 4, tileWidth = SIDE, frames = 1, coded = riceCoded, more = {} } = options;
  const rows: Uint8Array[] = [];
  const heap: Uint8Array[] = [];
  const random = noise(SIDE * SIDE * frames, 3);
  let at = 0;
  for (let y = 0; y < SIDE * frames; y++) {
    for (let x = 0; x < SIDE; x += tileWidth) {
      const samples = Int32Array.from({ length: Math.min(tileWidth, SIDE - x) }, (_, i) => {
        return 90 + ((x + i) >> 2) + (random[y * SIDE + x + i]! & 31);
      });
      const tile = coded(samples, bytes);
      rows.push(big([8, 5], [numberBytes, tile.length], [numberBytes, at]));
      heap.push(tile);
      at += tile.length;
    }
  }
  const rowBytes = 8 + 2 * numberBytes;
  const data = joinBytes(...rows, ...heap);
  const padding = new Uint8Array(Math.ceil(data.length / FITS_BLOCK) * FITS_BLOCK - data.length);
  const values = {
    ...{ BITPIX: 8, NAXIS: 2, NAXIS1: rowBytes, NAXIS2: rows.length, PCOUNT: at, GCOUNT: 1, TFIELDS: 2 },
    ...{ TTYPE1: "'ZSCALE  '", TFORM1: "'1D      '", TTYPE2: "'COMPRESSED_DATA'" },
    ...{ TFORM2: numberBytes === 4 ? "'1PB(90) '" : "'1QB(90) '", ZIMAGE: "T", ZCMPTYPE: "'RICE_1  '" },
    ...{ ZBITPIX: 16, ZNAXIS: 3, ZNAXIS1: SIDE, ZNAXIS2: SIDE, ZNAXIS3: frames, ZTILE1: tileWidth },
    ...{ ZNAME1: "'BLOCKSIZE'", ZVAL1: 32, ZNAME2: "'BYTEPIX'", ZVAL2: bytes },
    ...more,
  };
  return joinBytes(PRIMARY, header("XTENSION= 'BINTABLE'", values), data, padding);
}

/** The plan's image leaves as transform, model and bytes; fails unless the plan gives the file back. */
async function images(content: Uint8Array, level: "fast" | "max" = "max"): Promise<string[]> {
  const { bytes, segments } = await render(fits, content, { level });
  expect(Buffer.compare(bytes, content)).toBe(0);
  const found: string[] = [];
  const visit = (node: PlanNode, above = "") => {
    if (node.kind === "transform") for (const input of node.inputs) visit(input, node.transform);
    else if (node.kind === "model" && node.model === "image") found.push(`${above} ${node.data.length}`);
  };
  for (const { root } of segments) visit(root);
  return found;
}

describe("Rice-coded tiles", () => {
  test.each([
    ["rows", {}],
    ["squares of bytes", { bytes: 1, tileWidth: 20 }],
    ["samples of four bytes with long descriptors", { bytes: 4, numberBytes: 8 }],
    ["frames", { frames: 3 }],
    ["without the size of samples", { more: { ZNAME2: "'OTHER   '" } }],
    ["with a wrong size of samples", { more: { ZVAL2: 4 } }],
  ] as [string, Options][])("%s become an image", async (_, options) => {
    // No sample is more than 255 above the lowest.
    expect(await images(file(options))).toEqual([`rice ${SIDE * SIDE * (options.frames ?? 1)}`]);
    expect(await images(file(options), "fast")).toEqual([]);
  });

  test.each([
    ["an unknown algorithm", { ZCMPTYPE: "'PLIO_1  '" }],
    ["tiles deeper than a frame", { ZTILE3: 2 }],
    ["a width of nothing", { ZNAXIS1: 0 }],
    ["another width", { ZNAXIS1: 2 * SIDE, ZTILE1: 2 * SIDE }],
    ["a column of another name", { TTYPE2: "'COMPRESSED'" }],
  ] as [string, Record<string, number | string>][])("%s stays as it is", async (_, more) => {
    expect(await images(file({ more }))).toEqual([]);
  });

  test("damaged or truncated anywhere are covered exactly", async () => {
    const whole = file({ tileWidth: 20 });
    const start = 2 * FITS_BLOCK;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(255), fc.nat(whole.length), async (at, value, end) => {
        const broken = whole.slice();
        broken[(start + at) % whole.length] = value;
        await images(broken.subarray(0, Math.max(start, end)));
      }),
      { numRuns: 60 },
    );
  });
});

describe("tiles of gzip", () => {
  const gzip = { TTYPE1: "'OTHER   '", ZCMPTYPE: "'GZIP_1  '" };
  const shuffled = { ...gzip, ZCMPTYPE: "'GZIP_2  '" };
  const coded = (samples: Int32Array, bytes: number) => gzipCoded(samples, bytes as 1 | 2 | 4);

  test("become an image", async () => {
    // Quantised samples have 32 bits whatever the image has.
    const quantised = { ZCMPTYPE: "'GZIP_1  '", ZBITPIX: -64 };
    for (const [options, transform] of [
      [{ coded, more: gzip }, "deflate"],
      [{ coded: shuffledGzipCoded, more: shuffled }, "shuffle"],
      [{ coded, bytes: 4, more: quantised }, "deflate"],
    ] as const) {
      // Tiles as short as these stay as they are where too much had to be said of them.
      const found = await images(file(options));
      expect(found).toEqual([expect.stringMatching(new RegExp(`^${transform} [0-9]+$`))]);
    }
    expect(await images(file({ coded, more: gzip }), "fast")).toEqual([]);
  });

  test("narrower than the image stay bytes", async () => {
    expect(await images(file({ coded, tileWidth: 24, more: gzip }))).toEqual([]);
  });

  test("damaged or truncated anywhere are covered exactly", async () => {
    const whole = file({ coded: shuffledGzipCoded, more: shuffled });
    const start = 2 * FITS_BLOCK;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(255), fc.nat(whole.length), async (at, value, end) => {
        const broken = whole.slice();
        broken[(start + at) % whole.length] = value;
        await images(broken.subarray(0, Math.max(start, end)));
      }),
      { numRuns: 30 },
    );
  });
});

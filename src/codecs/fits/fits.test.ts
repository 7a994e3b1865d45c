import { describe, expect, test } from "bun:test";
import { BLOCK_BYTES } from "../../graph/plan";
import { MemorySource } from "../../graph/source";
import { bytesOf, joinBytes, render } from "../testing";
import { fits } from ".";
import { FITS_BLOCK, readHdus } from "./hdu";

function header(first: string, values: Record<string, number | string>): Uint8Array {
  const cards = Object.entries(values).map(
    ([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)} / said`,
  );
  const text = [first, ...cards, "END"].map((card) => card.padEnd(80)).join("");
  return bytesOf(text.padEnd(Math.ceil(text.length / FITS_BLOCK) * FITS_BLOCK));
}

const PRIMARY = "SIMPLE  =                    T";
const IMAGE = "XTENSION= 'IMAGE   '";

/** Zeros of a unit's data, padded to whole blocks. */
function data(bytes: number): Uint8Array {
  return new Uint8Array(Math.ceil(bytes / FITS_BLOCK) * FITS_BLOCK);
}

async function hdusOf(file: Uint8Array) {
  const found = [];
  for await (const hdu of readHdus(new MemorySource(file))) found.push(hdu);
  return found;
}

describe("the units of a FITS file", () => {
  test("follow each other by the sizes that their headers state", async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`KEY${i}`, i]));
    const table = { BITPIX: 8, NAXIS: 2, NAXIS1: 10, NAXIS2: 100, PCOUNT: 500, GCOUNT: 1 };
    const file = joinBytes(
      header(PRIMARY, { BITPIX: 16, NAXIS: 0 }),
      header(IMAGE, { BITPIX: -32, NAXIS: 3, NAXIS1: 20, NAXIS2: 30, NAXIS3: 2, ...many }),
      data(4800),
      header("XTENSION= 'BINTABLE'", table),
      data(1500),
    );
    const hdus = await hdusOf(file);
    expect(hdus.map(({ dataBytes, rowBytes }) => [dataBytes, rowBytes])).toEqual([
      [0, 0],
      [4800, 80],
      [1500, 10],
    ]);
    expect(hdus.at(-1)!.end).toBe(file.length);
    expect(hdus[1]!.dataOffset).toBe(3 * FITS_BLOCK);
  });

  test("count random groups by their other axes", async () => {
    const values = { BITPIX: 16, NAXIS: 3, NAXIS1: 0, NAXIS2: 4, NAXIS3: 5, GROUPS: "T", PCOUNT: 6, GCOUNT: 7 };
    expect((await hdusOf(header(PRIMARY, values)))[0]!.dataBytes).toBe(2 * 7 * (6 + 20));
  });

  const senseless: Record<string, number | string>[] = [
    { BITPIX: 16, NAXIS: 1, NAXIS1: -5 },
    { BITPIX: 7, NAXIS: 1, NAXIS1: 5 },
    { BITPIX: 16, NAXIS: 1000 },
    { BITPIX: 16, NAXIS: "two" },
    { BITPIX: 64, NAXIS: 2, NAXIS1: 4_000_000_000, NAXIS2: 4_000_000_000 },
  ];

  test.each(senseless)("end where a header makes no sense: %j", async (values) => {
    expect(await hdusOf(header(PRIMARY, values))).toEqual([]);
  });
});

describe("a plan of FITS", () => {
  test("cuts a large image between bands of tile_size rows", async () => {
    const rowBytes = 8192;
    const small = joinBytes(header(PRIMARY, { BITPIX: 16, NAXIS: 2, NAXIS1: 100, NAXIS2: 10 }), data(2000));
    const image = header(IMAGE, { BITPIX: 16, NAXIS: 2, NAXIS1: rowBytes / 2, NAXIS2: 2600 });
    const file = joinBytes(small, image, data(2600 * rowBytes));
    for (const tileSize of [64, 300, 1024]) {
      const { bytes, segments } = await render(fits, file, { params: { tile_size: tileSize } });
      expect(Buffer.compare(bytes, file)).toBe(0);
      expect(segments[0]!.length).toBe(small.length + image.length);
      let at = small.length + image.length;
      // The last band ends with the image, and padding follows.
      for (const { length } of segments.slice(1, -2)) {
        at += length;
        const band = tileSize * rowBytes <= BLOCK_BYTES ? tileSize * rowBytes : rowBytes;
        expect((at - small.length - image.length) % band).toBe(0);
      }
    }
  });

  test("keeps many small units together", async () => {
    const unit = joinBytes(header(IMAGE, { BITPIX: 16, NAXIS: 2, NAXIS1: 100, NAXIS2: 10 }), data(2000));
    const file = joinBytes(header(PRIMARY, { BITPIX: 8, NAXIS: 0 }), ...new Array(1600).fill(unit));
    const { segments } = await render(fits, file);
    expect(segments.length).toBe(2);
    expect((segments[0]!.length - FITS_BLOCK) % unit.length).toBe(0);
  });
});

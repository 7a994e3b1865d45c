import { describe, expect, test } from "bun:test";
import { bytesOf, joinBytes, noise, render } from "../testing";
import { fits } from ".";
import { readColumns } from "./columns";
import { FITS_BLOCK } from "./hdu";

function header(first: string, values: Record<string, number | string>): Uint8Array {
  const cards = Object.entries(values).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`);
  const text = [first, ...cards, "END"].map((card) => card.padEnd(80)).join("");
  return bytesOf(text.padEnd(Math.ceil(text.length / FITS_BLOCK) * FITS_BLOCK));
}

const PRIMARY = header("SIMPLE  =                    T", { BITPIX: 8, NAXIS: 0 });
const ROWS = 700;

/** Rows of a time that runs on, a smooth measurement, a counter in characters, noise and flags. */
function table(): { bytes: Uint8Array; forms: string[]; rowBytes: number } {
  const forms = ["'D       '", "'3E      '", "'8A      '", "'2B      '", "'9X      '", "'0A      '"];
  const rowBytes = 8 + 12 + 8 + 2 + 2;
  const bytes = new Uint8Array(ROWS * rowBytes);
  const view = new DataView(bytes.buffer);
  const random = noise(ROWS * 2);
  for (let row = 0; row < ROWS; row++) {
    const at = row * rowBytes;
    view.setFloat64(at, 2454833 + row / 48);
    for (let i = 0; i < 3; i++) view.setFloat32(at + 8 + 4 * i, 1000 * i + Math.sin(row / 90));
    view.setUint32(at + 20, 3 * row, true);
    view.setUint32(at + 24, 5000 - row, true);
    bytes.set(random.subarray(2 * row, 2 * row + 2), at + 28);
  }
  return { bytes, forms, rowBytes };
}

function file(over: Record<string, number | string> = {}): Uint8Array {
  const { bytes, forms, rowBytes } = table();
  const fields = Object.fromEntries(forms.map((form, i) => [`TFORM${i + 1}`, form]));
  const axes = {
    BITPIX: 8,
    NAXIS: 2,
    NAXIS1: rowBytes,
    NAXIS2: ROWS,
    PCOUNT: 100,
    GCOUNT: 1,
    TFIELDS: forms.length,
  };
  const heap = noise(100, 5);
  const data = joinBytes(bytes, heap);
  const padding = new Uint8Array(Math.ceil(data.length / FITS_BLOCK) * FITS_BLOCK - data.length);
  return joinBytes(PRIMARY, header("XTENSION= 'BINTABLE'", { ...axes, ...fields, ...over }), data, padding);
}

describe("a binary table", () => {
  test.each(["fast", "balanced", "max"] as const)("is planned by columns at %s", async (level) => {
    const whole = file();
    const { bytes, segments } = await render(fits, whole, { level });
    expect(Buffer.compare(bytes, whole)).toBe(0);
    const { root } = segments.find(({ length }) => length === table().bytes.length)!;
    expect(root.kind === "transform" && root.transform).toBe("weave");
  });

  const senseless: Record<string, number | string>[] = [
    { TFIELDS: 3 },
    { TFIELDS: 0 },
    { TFORM2: "'3Y      '" },
    { TFORM2: "'99999E  '" },
    { NAXIS1: 7 },
    { NAXIS2: 1_000_000 },
  ];

  test.each(senseless)("that is not what its header says comes back: %j", async (over) => {
    const whole = file(over);
    expect(Buffer.compare((await render(fits, whole)).bytes, whole)).toBe(0);
  });

  test("that is cut off comes back", async () => {
    const whole = file();
    for (const length of [2 * FITS_BLOCK + 1, 3 * FITS_BLOCK + 33 * 32 + 5, whole.length - 4000]) {
      const cut = whole.subarray(0, length);
      expect(Buffer.compare((await render(fits, cut)).bytes, cut)).toBe(0);
    }
  });
});

test("columns have the widths of table 18", () => {
  const forms = ["'L'", "'12X     '", "'3I'", "'1PE(99) '", "'M'", "'0A'"];
  expect(readColumns(forms)?.map(({ bytes }) => bytes)).toEqual([1, 2, 6, 8, 16]);
  expect(readColumns(["'3'"])).toBeUndefined();
  expect(readColumns([undefined])).toBeUndefined();
});

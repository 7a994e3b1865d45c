import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compressImage } from "./image";
import { parseJpeg } from "./jpeg/markers";
import { jpegOf, photo } from "./testing/pictures";

const folder = mkdtempSync(join(tmpdir(), "smallest-image-"));
afterAll(() => rmSync(folder, { recursive: true }));
const input = join(folder, "input.jpg");
const output = join(folder, "output.jpg");

test("writes a smaller JPEG", async () => {
  const original = await jpegOf(photo(320, 240));
  await Bun.write(input, original);
  const { bytes } = await compressImage(input, output);
  const result = await Bun.file(output).bytes();
  expect(bytes).toBe(result.length);
  expect(bytes).toBeLessThan(original.length);
  expect(parseJpeg(result)!.frame).toMatchObject({ marker: 0xc0, width: 320, height: 240 });
});

test("gives back the very input when nothing can be won", async () => {
  const original = (await jpegOf(photo(64, 64))).subarray(0, 900);
  await Bun.write(input, original);
  expect(await compressImage(input, output)).toEqual({ bytes: 900 });
  expect(Buffer.from(original).equals(await Bun.file(output).bytes())).toBe(true);
});

test("refuses what is no JPEG and leaves nothing", async () => {
  for (const content of ["%PDF-1.7", "", "\xff\xd8", "\xff\xd8\xff\xd9"]) {
    rmSync(output, { force: true });
    await Bun.write(input, Buffer.from(content, "latin1"));
    await expect(compressImage(input, output)).rejects.toMatchObject({ kind: "not_jpeg" });
    expect(existsSync(output)).toBe(false);
  }
});

test("an abort ends it and leaves nothing", async () => {
  rmSync(output, { force: true });
  await Bun.write(input, await jpegOf(photo(1600, 1200), 98));
  const run = compressImage(input, output, { signal: AbortSignal.timeout(300) });
  await expect(run).rejects.toMatchObject({ kind: "aborted" });
  expect(existsSync(output)).toBe(false);
});

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Refusal } from "../../errors";
import { decodeJpeg, jpegOf, photo } from "../testing/pictures";
import { parseJpeg, segmentBytes } from "./markers";
import { recompressJpeg } from "./recompress";
import { similarity } from "./similarity";

const original = await jpegOf(photo(320, 240));

/** TIFF with one entry: orientation 6. */
const EXIF = Buffer.from("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", "latin1");
const ICC = Buffer.concat([Buffer.from("ICC_PROFILE\0\x01\x01", "latin1"), Buffer.alloc(500, 7)]);
const ADOBE = Buffer.from("Adobe\0\x64\0\0\0\0\x01", "latin1");

/** The original with segments put after its start marker. */
function withSegments(...segments: [number, Buffer][]): Buffer {
  const bytes = segments.map(([marker, payload]) => segmentBytes(marker, payload));
  return Buffer.concat([original.subarray(0, 2), ...bytes, original.subarray(2)]);
}

function withMarker(marker: number): Uint8Array {
  const bytes = original.slice();
  bytes[Buffer.from(bytes).indexOf(Buffer.from([0xff, 0xc0])) + 1] = marker;
  return bytes;
}

test("is smaller, baseline and looks the same", async () => {
  const result = (await recompressJpeg(original))!;
  expect(result.length).toBeLessThan(original.length * 0.8);
  expect(parseJpeg(result)!.frame).toMatchObject({ marker: 0xc0, precision: 8, width: 320, height: 240 });
  const measured = similarity(await decodeJpeg(original), await decodeJpeg(result));
  expect(measured.luma).toBeGreaterThan(0.96);
  expect(measured.chroma).toBeGreaterThan(0.97);
});

test("gives the same bytes every time", async () => {
  expect(await recompressJpeg(original)).toEqual(await recompressJpeg(original));
});

test("keeps orientation, profile and comment, and drops what the encoding makes untrue", async () => {
  const comment = Buffer.from("a comment");
  const input = withSegments([0xe1, EXIF], [0xe2, ICC], [0xee, ADOBE], [0xfe, comment]);
  const { metadata } = parseJpeg((await recompressJpeg(input))!)!;
  const payloads = metadata.map(({ marker, payload }) => [marker, Buffer.from(payload)] as const);
  expect(payloads).toContainEqual([0xe1, EXIF]);
  expect(payloads).toContainEqual([0xe2, ICC]);
  expect(payloads).toContainEqual([0xfe, comment]);
  expect(payloads.map(([marker]) => marker)).not.toContain(0xee);
  expect(payloads.filter(([marker]) => marker === 0xe0)).toHaveLength(1);
});

test("a grey picture stays grey, fine colours keep their resolution", async () => {
  const grey = (await recompressJpeg(await jpegOf(photo(320, 240), 95, "grayscale")))!;
  expect(parseJpeg(grey)!.frame.components).toHaveLength(1);

  const striped = photo(96, 96);
  for (let i = 0; i < 96 * 96; i++) striped.data.set(i % 2 ? [200, 60, 60] : [60, 60, 200], i * 4);
  const fine = await recompressJpeg(await jpegOf(striped, 99, "4:4:4"));
  if (fine) expect(parseJpeg(fine)!.frame.components[0]).toMatchObject({ horizontal: 1, vertical: 1 });
});

test("bytes after the image stay, padding goes", async () => {
  const film = Buffer.from("ftyp: the film of a motion photo");
  const kept = Buffer.from((await recompressJpeg(Buffer.concat([original, film])))!);
  expect(kept.subarray(-film.length)).toEqual(film);
  expect(await recompressJpeg(Buffer.concat([original, Buffer.alloc(1000)]))).toEqual(
    await recompressJpeg(original),
  );
});

describe("leaves alone", () => {
  test.each([
    ["its own results", async () => (await recompressJpeg(original))!],
    ["a file that breaks off", async () => original.subarray(0, original.length * 0.7)],
    ["lossless coding", async () => withMarker(0xc3)],
    ["arithmetic coding", async () => withMarker(0xc9)],
    ["several pictures in one file", async () => withSegments([0xe2, Buffer.from("MPF\0II*\0")])],
  ])("%s", async (_what, make) => {
    expect(await recompressJpeg(await make())).toBeNull();
  });
});

test("refuses what is no JPEG", async () => {
  for (const bytes of [Buffer.from("%PDF-1.7"), Buffer.from([0xff, 0xd8, 0xff, 0xe0]), new Uint8Array(0)]) {
    await expect(recompressJpeg(bytes)).rejects.toMatchObject({ kind: "not_jpeg" });
  }
});

test("any damage ends in a JPEG, in the input itself or in a refusal", async () => {
  const small = await jpegOf(photo(64, 48));
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: small.length - 1 }),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      async (at, by) => {
        const damaged = small.slice();
        damaged.set(by.subarray(0, damaged.length - at), at);
        const result = await recompressJpeg(damaged).catch((error) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(Refusal);
        else if (result) expect(parseJpeg(result)?.end).toBeGreaterThan(0);
      },
    ),
    { numRuns: 60 },
  );
});

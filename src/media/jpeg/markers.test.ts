import { expect, test } from "bun:test";
import fc from "fast-check";
import { jpegOf, photo } from "../testing/pictures";
import { parseJpeg, segmentBytes } from "./markers";

const sample = await jpegOf(photo(48, 32), 90, "4:4:4");

test("describes frame, tables and end", () => {
  const jpeg = parseJpeg(sample)!;
  expect(jpeg.frame).toMatchObject({ marker: 0xc0, precision: 8, width: 48, height: 32 });
  expect(jpeg.frame.components).toHaveLength(3);
  expect(jpeg.frame.components[0]).toMatchObject({ horizontal: 1, vertical: 1 });
  expect(jpeg.quantTables.size).toBeGreaterThan(0);
  expect(jpeg.end).toBe(sample.length);
  expect(jpeg.metadata.map(({ marker }) => marker)).toEqual([0xe0]);
});

test("finds the end before trailing bytes, and none in a file that breaks off", () => {
  expect(parseJpeg(Buffer.concat([sample, Buffer.from("tail")]))!.end).toBe(sample.length);
  expect(parseJpeg(sample.subarray(0, sample.length - 2))!.end).toBeNull();
  expect(parseJpeg(sample.subarray(0, sample.length / 2))!.end).toBeNull();
});

test("takes fill bytes between segments", () => {
  const filled = Buffer.concat([sample.subarray(0, 2), Buffer.from([0xff, 0xff]), sample.subarray(2)]);
  expect(parseJpeg(filled)!.frame.width).toBe(48);
});

test("is null without a start marker or a frame", () => {
  expect(parseJpeg(new Uint8Array(0))).toBeNull();
  expect(parseJpeg(Buffer.from("PNG"))).toBeNull();
  expect(parseJpeg(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toBeNull();
});

test("writes segments that it reads again", () => {
  const comment = segmentBytes(0xfe, Buffer.from("hello"));
  const jpeg = parseJpeg(Buffer.concat([sample.subarray(0, 2), comment, sample.subarray(2)]))!;
  expect(Buffer.from(jpeg.metadata[0]!.payload).toString()).toBe("hello");
});

test("survives any header", () => {
  fc.assert(
    fc.property(fc.nat({ max: 700 }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
      const damaged = sample.slice();
      damaged.set(bytes.subarray(0, damaged.length - at), at);
      const jpeg = parseJpeg(damaged);
      if (jpeg?.end) expect(jpeg.end).toBeLessThanOrEqual(damaged.length);
    }),
  );
});

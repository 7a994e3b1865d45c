import { expect, test } from "bun:test";
import { transformByName } from ".";
import { zlibParams } from "./zlib";

const TEXT = new TextEncoder().encode(
  Array.from({ length: 9000 }, (_, i) => `${i} ${(i * i * 7919) % 1009} of the ${i % 17} lines\n`).join(""),
);

const zlib = transformByName("zlib");

/** The start of the SHA-256 of what zlib 1.2.13 makes of the text, by level and bytes between partial flushes. */
test.each([
  [1, 0, "c6d9bc6376aafd82"],
  [3, 0, "98c71f5c5f7a3878"],
  [6, 0, "2051f7d92809a561"],
  [9, 0, "b6db6976e5a42f53"],
  [1, 65280, "ea09dae1219d5755"],
  [2, 5000, "57be44c04bdb15f4"],
  [3, 65280, "a578e1a375e5e52a"],
  [6, 65280, "40cbfcc78bb85aff"],
  [9, 5000, "89df6ea6b369c084"],
])("level %d, pieces of %d bytes", (level, piece, sha256) => {
  const params = zlibParams({ level, piece }, 0);
  const stream = zlib.apply([TEXT], params, 0);
  expect(new Bun.CryptoHasher("sha256").update(stream).digest("hex").slice(0, 16)).toBe(sha256);
});

test.each([
  [0, 0],
  [10, 0],
  [1, 1023],
])("level %d with pieces of %d bytes is refused", (level, piece) => {
  expect(() => zlib.apply([TEXT], zlibParams({ level, piece }, 0), 0)).toThrow();
});

test("the length is what the parameters say", () => {
  expect(zlib.outputLength([5], zlibParams({ level: 6, piece: 0 }, 77))).toBe(77);
  expect(() => zlib.outputLength([5, 5], zlibParams({ level: 6, piece: 0 }, 77))).toThrow();
  expect(() => zlib.outputLength([5], new Uint8Array([6, 0]))).toThrow();
});

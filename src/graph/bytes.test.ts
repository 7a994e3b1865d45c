import { expect, test } from "bun:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "./bytes";

const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes), "the test");

test("numbers, blobs and texts come back in order", () => {
  const item = fc.tuple(
    fc.maxSafeNat(),
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: "binary" }),
    fc.nat(2 ** 32 - 1),
  );
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), (items) => {
      const writer = new ByteWriter();
      for (const [number, blob, text, u32] of items) writer.varint(number).blob(blob).text(text).u32(u32);
      const back = new ByteReader(writer.finish(), "the test");
      for (const [number, blob, text, u32] of items) {
        expect(back.varint()).toBe(number);
        expect([...back.blob()]).toEqual([...blob]);
        expect(back.text()).toBe(text);
        expect(back.u32()).toBe(u32);
      }
      back.end();
    }),
  );
});

test("varints are LEB128", () => {
  expect([...new ByteWriter().varint(300).finish()]).toEqual([0xac, 0x02]);
  expect([...new ByteWriter().varint(0).finish()]).toEqual([0]);
});

test.each([
  ["cut off", [0x80]],
  ["without end", Array(12).fill(0xff)],
  ["longer than needed", [0x80, 0x00]],
])("a number %s is damage", (_, bytes) => {
  expect(() => reader(...bytes).varint()).toThrow("the test is damaged");
});

test("limits, lengths beyond the end and what is left over are damage", () => {
  expect(() => reader(11).varint(10)).toThrow("larger than 10");
  expect(() => reader(5, 1, 2).blob()).toThrow("damaged");
  expect(() => reader(1, 0xff).text()).toThrow("not UTF-8");
  expect(() => reader(0).end()).toThrow("1 bytes too many");
});

import { expect, test } from "bun:test";
import { jpegImage } from "../../codecs/samples/jpeg";
import { jpeg } from "./jpeg";

const NO_PARAMS = new Uint8Array(0);

test("a picture and bytes that are none", () => {
  for (const bytes of [
    jpegImage(12),
    jpegImage(12).subarray(0, 2000),
    new Uint8Array(0),
    Uint8Array.of(255, 216),
  ]) {
    const payload = jpeg.encode(bytes, NO_PARAMS, "max");
    expect(Buffer.compare(jpeg.decode(payload, NO_PARAMS, bytes.length), bytes)).toBe(0);
  }
});

test("a cut payload is an error", () => {
  const picture = jpegImage(8);
  const payload = jpeg.encode(picture, NO_PARAMS, "max");
  for (const length of [0, 5, 40, payload.length >> 1]) {
    expect(() => jpeg.decode(payload.subarray(0, length), NO_PARAMS, picture.length)).toThrow();
  }
});

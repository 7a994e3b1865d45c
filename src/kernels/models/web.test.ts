import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { modelById } from ".";
import { decodeDelta, deltaDictionary, encodeDelta, webLight, webParams } from "./web";

const JS = webParams("js");
const bytesOf = (text: string) => new TextEncoder().encode(text);
const script = bytesOf("export function add(a, b) {\n  return a.map((x) => x + b);\n}\n".repeat(3));

/** What no encoder writes is refused, or decodes to something that the block's checksum refuses. */
function refusedOrOfRightLength(decode: () => Uint8Array, length: number): void {
  try {
    expect(decode().length).toBe(length);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
  }
}

describe("web-light", () => {
  test("gives back what it took", () => {
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: "binary", maxLength: 300 }).map(bytesOf),
    );
    fc.assert(
      fc.property(texts, (raw) => {
        const payload = webLight.encode(raw, JS, "balanced");
        expect(Buffer.compare(webLight.decode(payload, JS, raw.length), raw)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test("knows its language, and is found by what an archive says of it", () => {
    const payload = webLight.encode(script, JS, "balanced");
    expect(payload.length).toBeLessThan(30);
    expect(webLight.encode(script, JS, "balanced")).toEqual(payload);
    expect(modelById(webLight.id, webLight.version)).toBe(webLight);
  });

  test("takes truncations and flipped bytes: an error or bytes of the right length", () => {
    const payload = webLight.encode(script, JS, "balanced");
    for (let at = 0; at < payload.length; at += 3) {
      const broken = payload.slice();
      broken[at]! ^= 0x41;
      refusedOrOfRightLength(() => webLight.decode(broken, JS, script.length), script.length);
      refusedOrOfRightLength(() => webLight.decode(payload.subarray(0, at), JS, script.length), script.length);
    }
  });

  test("refuses dictionaries that there are not", () => {
    for (const params of [Uint8Array.of(), Uint8Array.of(4), Uint8Array.of(1, 1)]) {
      expect(() => webLight.decode(Uint8Array.of(1, 2, 3), params, 10)).toThrow("damaged");
    }
  });
});

describe("a delta", () => {
  const base = bytesOf(
    Array.from({ length: 200 }, (_, i) => `.c${(i * 7919) % 9973} { width: ${i * i}px }\n`).join(""),
  );

  test.each([false, true])("is as small as the change, its base studied: %p", (studied) => {
    const dictionary = deltaDictionary("css", studied);
    const content = Buffer.concat([
      base.subarray(0, 2000),
      bytesOf(".inserted { color: red }\n"),
      base.subarray(2000),
    ]);
    const delta = encodeDelta(content, base, dictionary);
    expect(delta.length).toBeLessThan(30);
    expect(Buffer.compare(decodeDelta(delta, base, dictionary, content.length), content)).toBe(0);
  });

  test("needs its own base", () => {
    const dictionary = deltaDictionary("css", false);
    const delta = encodeDelta(base, base, dictionary);
    refusedOrOfRightLength(() => decodeDelta(delta, base.subarray(1), dictionary, base.length), base.length);
    expect(() => decodeDelta(Buffer.concat([delta, Buffer.alloc(9, 1)]), base, dictionary, base.length)).toThrow(
      "damaged",
    );
  });
});

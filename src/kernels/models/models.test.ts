import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { modelById, modelByName } from ".";
import { zstd } from "./zstd";

const NO_PARAMS = new Uint8Array(0);
const text = new TextEncoder().encode("the same words over and over, ".repeat(200));

describe.each([
  ["store", "fast"],
  ["zstd", "fast"],
  ["general", "fast"],
  ["general", "balanced"],
  ["general", "max"],
  ["fastq", "fast"],
  ["fastq", "balanced"],
  ["fastq", "max"],
  ["vcf", "fast"],
  ["vcf", "balanced"],
  ["vcf", "max"],
  ["mail-light", "balanced"],
  ["mail", "max"],
  ["geometry", "balanced"],
  ["geometry", "max"],
] as const)("%s at %s", (name, level) => {
  const model = modelByName(name, level);

  test("gives back what it took", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (raw) => {
        const payload = model.encode(raw, NO_PARAMS, level);
        expect(Buffer.compare(model.decode(payload, NO_PARAMS, raw.length), raw)).toBe(0);
      }),
      // Models of mail read their primer first, however short the text is.
      { numRuns: name.startsWith("mail") ? 5 : 100 },
    );
  });

  test("is found by what an archive says of it", () => {
    expect(modelById(model.id, model.version)).toBe(model);
    expect(modelById(model.id, 999)).toBeUndefined();
  });
});

test("zstd shrinks what repeats", () => {
  expect(zstd.encode(text, NO_PARAMS, "fast").length).toBeLessThan(200);
});

test("an unknown model is refused by its name", () => {
  expect(() => modelByName("no-such", "fast")).toThrow('there is no model "no-such"');
});

describe("hostile Zstandard frames", () => {
  const frame = zstd.encode(text, NO_PARAMS, "fast");
  const decode = (payload: Uint8Array, length = text.length) => zstd.decode(payload, NO_PARAMS, length);

  test("a frame that states another size", () => {
    expect(() => decode(frame, text.length - 1)).toThrow("the frame states");
    expect(() => decode(frame, text.length + 1)).toThrow("the frame states");
  });

  test("a second frame behind the first", () => {
    expect(() => decode(Buffer.concat([frame, frame]))).toThrow("does not end with its payload");
  });

  test("a frame of unknown size", () => {
    // Descriptor 0: no single segment, no size; a window byte; one empty raw last block.
    expect(() => decode(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, 1, 0, 0), 0)).toThrow("does not state");
  });

  test("a small frame that states 8 EiB", () => {
    const huge = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x70, 1, 0, 0);
    expect(() => decode(huge)).toThrow("the frame states");
  });

  test("every truncation", () => {
    for (let length = 0; length < frame.length; length++) expect(() => decode(frame.subarray(0, length))).toThrow();
  });

  test("every flipped byte: an error or bytes of the right length", () => {
    for (let at = 0; at < frame.length; at++) {
      const broken = frame.slice();
      broken[at]! ^= 0x41;
      try {
        expect(decode(broken).length).toBe(text.length);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  });
});

describe.each([
  ["balanced", 400],
  ["max", 250],
] as const)("general at %s", (level, most) => {
  const model = modelByName("general", level);
  const payload = model.encode(text, NO_PARAMS, level);

  test("shrinks what repeats, each time to the same bytes", () => {
    expect(payload.length).toBeLessThan(most);
    expect(model.encode(text, NO_PARAMS, level)).toEqual(payload);
  });

  /** What no encoder writes is refused, or decodes to something that the block's checksum refuses. */
  function refusedOrOfRightLength(broken: Uint8Array): void {
    try {
      expect(model.decode(broken, NO_PARAMS, text.length).length).toBe(text.length);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }

  test("every truncation: an error or bytes of the right length", () => {
    for (let length = 0; length < payload.length; length++) refusedOrOfRightLength(payload.subarray(0, length));
    expect(() => model.decode(payload.subarray(0, 0), NO_PARAMS, text.length)).toThrow("damaged");
  });

  test("every flipped byte: an error or bytes of the right length", () => {
    for (let at = 0; at < payload.length; at++) {
      const broken = payload.slice();
      broken[at]! ^= 0x41;
      refusedOrOfRightLength(broken);
    }
  });

  test("parameters that it does not have are damage", () => {
    expect(() => model.decode(payload, Uint8Array.of(1), text.length)).toThrow("damaged");
  });
});

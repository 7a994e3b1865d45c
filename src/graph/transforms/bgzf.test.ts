import { describe, expect, test } from "bun:test";
import { bgzf, bgzfParams, LITERAL, writeRuns } from "./bgzf";

const EMPTY_STREAM = Uint8Array.of(3, 0);
/** The block that ends a file (SAMv1, section 4.1.2). */
const END_BLOCK = Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex");

describe("bgzf", () => {
  const runs = writeRuns([{ gap: 1, engine: LITERAL, blocks: [{ length: 0, corrections: 2 }] }]);

  test("blocks stand between other bytes", () => {
    const inputs = [Uint8Array.of(7, 8), runs, EMPTY_STREAM, new Uint8Array(0)];
    const output = bgzf.apply(inputs, bgzfParams(30), 30);
    expect(Buffer.from(output)).toEqual(Buffer.concat([Uint8Array.of(7), END_BLOCK, Uint8Array.of(8)]));
  });

  test("what does not fit is refused", () => {
    const none = new Uint8Array(0);
    expect(() => bgzf.outputLength([1, 2], bgzfParams(1))).toThrow();
    expect(() => bgzf.apply([Uint8Array.of(7, 8), runs, EMPTY_STREAM, none], bgzfParams(29), 29)).toThrow();
    expect(() => bgzf.apply([none, runs, EMPTY_STREAM, none], bgzfParams(30), 30)).toThrow();
    expect(() => bgzf.apply([Uint8Array.of(7), runs, none, none], bgzfParams(30), 30)).toThrow();
    expect(() =>
      bgzf.apply([Uint8Array.of(7), runs, EMPTY_STREAM, Uint8Array.of(1)], bgzfParams(30), 30),
    ).toThrow();
    const unknown = writeRuns([{ gap: 0, engine: 255, blocks: [{ length: 0, corrections: 0 }] }]);
    expect(() => bgzf.apply([none, unknown, none, none], bgzfParams(30), 30)).toThrow();
  });
});

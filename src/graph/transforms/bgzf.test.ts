import { describe, expect, test } from "bun:test";
import { inflateRawSync } from "node:zlib";
import { deflateWith, intel, libdeflate, zlib } from "../../kernels/recompress/deflaters";
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

  test("every encoder makes blocks that inflate to what they hold", () => {
    const content = Buffer.from(Array.from({ length: 3000 }, (_, i) => `${i % 97} ${(i * i) % 1009}\n`).join(""));
    const levels = (count: number) => Array.from({ length: count }, (_, level) => level);
    const deflaters = [...levels(9).map((level) => zlib(level + 1)), ...levels(8).map((level) => intel(level + 2))];
    for (const engine of [...deflaters, ...levels(13).map(libdeflate)]) {
      const stream = deflateWith(engine, content);
      expect(Buffer.compare(inflateRawSync(stream), content)).toBe(0);
      const inputs = [
        new Uint8Array(0),
        writeRuns([{ gap: 0, engine, blocks: [{ length: content.length, corrections: 0 }] }]),
        new Uint8Array(0),
        content,
      ];
      const length = stream.length + 26;
      expect(bgzf.apply(inputs, bgzfParams(length), length)).toHaveLength(length);
    }
    for (const engine of [zlib(0), zlib(10), intel(1), libdeflate(13), 8000]) {
      expect(() => deflateWith(engine, content)).toThrow();
    }
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

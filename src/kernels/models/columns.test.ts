import { describe, expect, test } from "bun:test";
import { columns } from "./columns";
import { structured, structuredParams } from "./structured";
import { zstd } from "./zstd";

const NO_PARAMS = new Uint8Array(0);
const encoder = new TextEncoder();

const log = encoder.encode(
  Array.from({ length: 2000 }, (_, i) => {
    const time = new Date(1.7e12 + i * 1370).toISOString();
    return `${time} host app[${400 + (i % 3)}]: request ${5000 + i} took ${(i * 7919) % 1000} ms\n`;
  }).join(""),
);
const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 2654435761) >>> 13);

describe.each(["fast", "balanced"] as const)("columns at %s", (level) => {
  test("are smaller than the text as it is", () => {
    const payload = columns.encode(log, NO_PARAMS, level);
    expect(payload.length * 2).toBeLessThan(zstd.encode(log, NO_PARAMS, "max").length);
    expect(Buffer.compare(columns.decode(payload, NO_PARAMS, log.length), log)).toBe(0);
  });

  test.each([[new Uint8Array(0)], [noise], [Uint8Array.of(10)]])("take anything: %#", (raw) => {
    const payload = columns.encode(raw, NO_PARAMS, level);
    expect(Buffer.compare(columns.decode(payload, NO_PARAMS, raw.length), raw)).toBe(0);
  });

  test("of damaged payloads give an error or bytes of the right length", () => {
    const payload = columns.encode(log.subarray(0, 8000), NO_PARAMS, level);
    for (let at = 0; at < payload.length; at += 1 + (at >> 4)) {
      const broken = payload.slice();
      broken[at]! ^= 0x55;
      for (const bytes of [broken, payload.subarray(0, at)]) {
        try {
          expect(columns.decode(bytes, NO_PARAMS, 8000).length).toBe(8000);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }
  });
});

test("rewritten bytes that are far too many are refused before they are made", () => {
  const payload = columns.encode(log, NO_PARAMS, "fast");
  expect(() => columns.decode(payload, NO_PARAMS, 10)).toThrow("stand for 10");
});

test("the structured model is smaller still", () => {
  const lines = log.subarray(0, 20_000);
  const payload = structured.encode(lines, structuredParams("thorough"), "max");
  expect(payload.length).toBeLessThan(columns.encode(lines, NO_PARAMS, "balanced").length);
  expect(Buffer.compare(structured.decode(payload, structuredParams("thorough"), lines.length), lines)).toBe(0);
});

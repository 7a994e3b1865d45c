import { expect, test } from "bun:test";
import type { Level, Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { modelByName } from "../../kernels/models";
import { planGeojson } from "./geojson";

const NO_PARAMS = new Uint8Array(0);
const sourceOf = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

async function planned(bytes: Uint8Array, level: Level): Promise<Segment[]> {
  const segments: Segment[] = [];
  for await (const segment of planGeojson(sourceOf(bytes), level)) segments.push(segment);
  return segments;
}

/** A map of short lines. */
function features(count: number): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const [x, y] = [13 + Math.sin(at) / 50, 52 + Math.cos(at * 1.7) / 50];
    return `{"type":"Feature","properties":{"id":${at}},"geometry":{"type":"LineString","coordinates":[[${x},${y}],[${x + 1e-3},${y}]]}}`;
  });
  return `{"type":"FeatureCollection","features":[\n${lines.join(",\n")}\n]}\n`;
}

test("a plan covers a map once, in segments of whole lines", async () => {
  const bytes = new TextEncoder().encode(features(60_000));
  const segments = await planned(bytes, "balanced");
  expect(segments.length).toBe(2);
  let at = 0;
  for (const { length, root } of segments) {
    expect(root).toMatchObject({ kind: "model", model: "geometry", data: { offset: at, length } });
    at += length;
    expect(bytes[at - 1]).toBe(0x0a);
  }
  expect(at).toBe(bytes.length);
  expect(await planned(bytes, "max")).toHaveLength(1);
  expect(await planned(new Uint8Array(), "max")).toHaveLength(0);
});

test.each(["balanced", "max"] as const)("maps come back from the model at %s", (level) => {
  const model = modelByName("geometry", level);
  const map = features(300);
  const texts = [
    map,
    map.replaceAll("\n", "\r\n"),
    `\ufeff${map}`,
    map.replace(/^.*\n/, "").replaceAll("\n{", "\n\x1e{"),
    map.slice(0, map.length >> 1),
    map.slice(map.length >> 1),
    map.replaceAll(/(\d)\]/g, "$1,100.5]"),
  ];
  for (const text of texts) {
    const raw = new TextEncoder().encode(text);
    const payload = model.encode(raw, NO_PARAMS, level);
    expect(Buffer.compare(model.decode(payload, NO_PARAMS, raw.length), raw)).toBe(0);
    expect(payload.length * 4).toBeLessThan(raw.length);
    expect(() => model.decode(payload, NO_PARAMS, raw.length + 1)).toThrow();
    expect(() => model.decode(payload.subarray(0, -9), NO_PARAMS, raw.length)).toThrow();
  }
});

import { describe, expect, test } from "bun:test";
import { zipSync } from "fflate";
import type { Level, PlanNode, Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { modelByName } from "../../kernels/models";
import { bytesOf, joinBytes } from "../testing";
import { planShapefile } from "./shapefile-plan";

/** Squares side by side, from a corner each, in degrees with six decimals. */
function squares(count: number): Uint8Array {
  const contentBytes = 44 + 4 + 5 * 16;
  const bytes = new Uint8Array(100 + count * (8 + contentBytes));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 9994);
  view.setInt32(24, bytes.length / 2);
  view.setInt32(28, 1000, true);
  view.setInt32(32, 5, true);
  for (let i = 0, at = 100; i < count; i++, at += 8 + contentBytes) {
    view.setInt32(at, i + 1);
    view.setInt32(at + 4, contentBytes / 2);
    view.setInt32(at + 8, 5, true);
    view.setInt32(at + 44, 1, true);
    view.setInt32(at + 48, 5, true);
    const corners = [0, 0, 0, 1, 1, 1, 1, 0, 0, 0];
    corners.forEach((corner, n) => {
      const base = n % 2 === 0 ? 8.5 + (i % 40) / 1000 : 47.25 + Math.floor(i / 40) / 1000;
      view.setFloat64(at + 56 + 8 * n, Math.round((base + corner / 1000) * 1e6) / 1e6, true);
    });
  }
  return bytes;
}

function index(shapes: Uint8Array): Uint8Array {
  const entries: Uint8Array[] = [shapes.slice(0, 100)];
  const view = new DataView(shapes.buffer);
  for (let at = 100; at < shapes.length; ) {
    const words = view.getInt32(at + 4);
    const entry = new DataView(new ArrayBuffer(8));
    entry.setInt32(0, at / 2);
    entry.setInt32(4, words);
    entries.push(new Uint8Array(entry.buffer));
    at += 8 + 2 * words;
  }
  return joinBytes(...entries);
}

/** One column of names and one of numbers. */
function table(count: number): Uint8Array {
  const header = new Uint8Array(97);
  const view = new DataView(header.buffer);
  header.set([3, 126, 1, 31]);
  view.setUint32(4, count, true);
  view.setUint16(8, 97, true);
  view.setUint16(10, 35, true);
  header.set(bytesOf("NAME\0\0\0\0\0\0\0C"), 32);
  header.set(bytesOf("AREA\0\0\0\0\0\0\0N"), 64);
  [header[48], header[80], header[81], header[96]] = [10, 24, 15, 13];
  const row = (i: number) => ` ${`r ${i}`.padEnd(10)}${(Math.round(i ** 1.5) / 1000).toFixed(15).padStart(24)}`;
  return joinBytes(header, bytesOf(Array.from({ length: count }, (_, i) => row(i)).join("")));
}

/** A header, and what follows it over and over. */
function repeated(bytes: Uint8Array, headerBytes: number, length: number): Uint8Array {
  return joinBytes(
    bytes.subarray(0, headerBytes),
    new Uint8Array(length).fill(0).map((_, i) => bytes[headerBytes + (i % (bytes.length - headerBytes))]!),
  );
}

/** The segments of a plan; fails unless they cover the bytes once and every model in them gives back its data. */
async function planned(bytes: Uint8Array, level: Level): Promise<Segment[]> {
  const source: Source = { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
  const segments: Segment[] = [];
  let at = 0;
  for await (const segment of planShapefile(source, level)) {
    if (segment.root.kind === "model") expect(segment.root.data).toEqual({ offset: at, length: segment.length });
    at += segment.length;
    segments.push(segment);
  }
  expect(at).toBe(bytes.length);
  return segments;
}

function modelsOf(node: PlanNode): string[] {
  if (node.kind === "transform") return node.inputs.flatMap(modelsOf);
  return node.kind === "model" ? [node.model] : [];
}

const parts = { "main file": squares(200), index: index(squares(200)), table: table(200) };

describe("a plan of a shapefile", () => {
  test.each(Object.entries(parts))("takes a %s by its own model, in less than what it took", async (_, bytes) => {
    for (const level of ["balanced", "max"] as const) {
      const [segment, ...rest] = await planned(bytes, level);
      expect(rest).toEqual([]);
      const [name] = modelsOf(segment!.root);
      const model = modelByName(name!, level);
      const payload = model.encode(bytes, new Uint8Array(0), level);
      expect(Buffer.compare(model.decode(payload, new Uint8Array(0), bytes.length), bytes)).toBe(0);
      expect(payload.length).toBeLessThan(
        modelByName("general", "max").encode(bytes, new Uint8Array(0), "max").length,
      );
    }
  });

  test("leaves all to the general model at the level fast, and what is no shapefile at every one", async () => {
    expect((await planned(parts["main file"], "fast")).flatMap(({ root }) => modelsOf(root))).toEqual(["general"]);
    for (const bytes of [parts.table.slice(0, 60), parts["main file"].slice(0, 60), bytesOf("a table")]) {
      expect((await planned(bytes, "max")).flatMap(({ root }) => modelsOf(root))).toEqual(["general"]);
    }
  });

  test("takes members of an archive by their content", async () => {
    const members = {
      "a.shp": parts["main file"],
      "a.shx": parts.index,
      "a.dbf": parts.table,
      "a.prj": bytesOf("GEOGCS[]"),
    };
    const [segment] = await planned(zipSync(members, { level: 6 }), "max");
    expect(modelsOf(segment!.root).filter((model) => model !== "general")).toEqual(["shapes", "shapes", "table"]);
  });

  test("cuts large files between records", async () => {
    const large = repeated(parts["main file"], 100, 130_000 * 136);
    const segments = await planned(large, "max");
    expect(segments.length).toBe(2);
    expect((segments[0]!.length - 100) % 136).toBe(0);
    const rows = repeated(parts.table, 97, 500_000 * 35);
    const tables = await planned(rows, "balanced");
    expect(tables.map(({ length }) => (length - 97) % 35 === 0 || length % 35 === 0)).toEqual([true, true]);
    expect(tables[1]!.root).toMatchObject({ params: rows.slice(0, 97) });
  });
});

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { prepareWith } from "../preparing.fixture";
import { type GeojsonParams, geojson, prepareGeojson } from "./geojson";

// Properties run files through hundreds of times; busy machines need longer than usual.
setDefaultTimeout(60_000);

async function prepare(text: string, params: Partial<GeojsonParams> = {}) {
  const bytes = new Uint8Array(Buffer.from(text, "latin1"));
  const all = { precision: 6, simplify: 0, ...params };
  const { prepared, content } = await prepareWith(bytes, (source, scratch) => prepareGeojson(source, all, scratch));
  return { prepared, text: Buffer.from(content).toString("latin1") };
}

const feature = (geometry: string, properties = "{}") =>
  `{"type":"Feature","properties":${properties},"geometry":${geometry}}`;
const collection = (...features: string[]) => `{"type":"FeatureCollection","features":[${features.join(",")}]}`;

describe("precision", () => {
  test("changes coordinates and not a byte besides", async () => {
    const before = `\r\n{ "type" : "FeatureCollection",\t"bbox":[1.123456789,2,3,4], "features":[
      {"type":"Feature","geometry":{"type":"Point","bbox":[0.1234567891],"coordinates" : [ 1.123456789 ,\r\n 2.50 , 1e-9 ]},
       "properties":{"x":1.123456789,"coordinates":[1.123456789,2.123456789],"geometry":{"type":"Point","coordinates":[1.123456789,2]}}},
      {"geometry":{"coordinates":[[9.87654321,1.0],[1,2]],"type":"LineString","note":"\\"]}"},"type":"Feature"}], "x": "\xe9"}\r\n `;
    const after = before
      .replace("[ 1.123456789 ,\r\n 2.50 , 1e-9 ]", "[ 1.123457 ,\r\n 2.50 , 0 ]")
      .replace("9.87654321", "9.876543");
    const { text, prepared } = await prepare(before);
    expect(text).toBe(after);
    expect(prepared).toMatchObject({ lossless: false, report: { coordinates: 3, rounded: 2, removed: 0 } });
  });

  test.each([
    ["Point", "[1.25,2.75]", "[1.2,2.8]"],
    ["MultiPoint", "[[1.25,2.75]]", "[[1.2,2.8]]"],
    ["LineString", "[[1.25,2.75],[3,4]]", "[[1.2,2.8],[3,4]]"],
    ["Polygon", "[[[1.25,0],[1,1],[2,2],[1.25,0]],[]]", "[[[1.2,0],[1,1],[2,2],[1.2,0]],[]]"],
    ["MultiPolygon", "[[[[1.25,0],[1,1],[2,2],[1.25,0]]]]", "[[[[1.2,0],[1,1],[2,2],[1.2,0]]]]"],
  ])("rounds a %s, alone, in a feature and in a collection of geometries", async (type, before, after) => {
    const geometry = (coordinates: string) => `{"coordinates":${coordinates},"type":"${type}"}`;
    for (const wrap of [
      (inner: string) => inner,
      (inner: string) => feature(inner),
      (inner: string) =>
        `{"type":"GeometryCollection","geometries":[${inner},{"type":"GeometryCollection","geometries":[${inner}]}]}`,
    ]) {
      expect((await prepare(wrap(geometry(before)), { precision: 1 })).text).toBe(wrap(geometry(after)));
    }
  });

  test("keys spelled with escapes are the same keys", async () => {
    const before = '{"t\\u0079pe":"Point","\\u0063oordinates":[1.25,0]}';
    expect((await prepare(before, { precision: 1 })).text).toBe(before.replace("1.25", "1.2"));
  });

  test("a file with no more decimals comes back bit-identical, and so does one already rounded", async () => {
    const short = collection(feature('{"type":"Point","coordinates":[1.500000,-0.0]}'));
    expect((await prepare(short)).prepared).toMatchObject({ lossless: true });
    const once = await prepare(collection(feature('{"type":"Point","coordinates":[1.123456789,2]}')));
    expect((await prepare(once.text)).prepared.lossless).toBe(true);
  });

  test("full changes nothing", async () => {
    const { prepared } = await prepare('{"type":"Point","coordinates":[1.123456789,2]}', { precision: "full" });
    expect(prepared).toEqual({ lossless: true });
  });

  test("a mark at the start is kept", async () => {
    const { text } = await prepare('\xef\xbb\xbf{"type":"Point","coordinates":[1.123456789,2]}');
    expect(text).toBe('\xef\xbb\xbf{"type":"Point","coordinates":[1.123457,2]}');
  });
});

describe("what is no GeoJSON stays exact", () => {
  const point = '{"type":"Point","coordinates":[1.123456789,2]}';
  test.each([
    ["cut off", collection(feature(point)).slice(0, -1)],
    ["followed by more", `${point}\n${point}`],
    ["a trailing comma", '{"type":"Point","coordinates":[1.123456789,2],}'],
    ["NaN", '{"type":"Point","coordinates":[1.123456789,NaN]}'],
    ["a bare point in a number", '{"type":"Point","coordinates":[1.123456789,2.]}'],
    ["a leading zero", '{"type":"Point","coordinates":[1.123456789,02]}'],
    ["a control character in a string", '{"type":"Point","x":"\n","coordinates":[1.123456789,2]}'],
    ["a bad escape", '{"type":"Point","x":"\\x","coordinates":[1.123456789,2]}'],
    ["TopoJSON", '{"type":"Topology","objects":{"a":{"type":"Point","coordinates":[1.123456789,2]}},"arcs":[]}'],
    ["another type", '{"type":"Sphere","coordinates":[1.123456789,2]}'],
    ["Esri JSON", '{"features":[{"geometry":{"x":1.123456789,"y":2}}],"geometryType":"esriGeometryPoint"}'],
    ["an array", `[${point}]`],
    ["too deep", `{"type":"Point","x":${"[".repeat(300)}${"]".repeat(300)},"coordinates":[1.123456789,2]}`],
    ["empty", ""],
  ])("%s", async (_, before) => {
    const { text, prepared } = await prepare(before);
    expect(text).toBe(before);
    expect(prepared.lossless).toBe(true);
  });

  test.each([
    ["of another depth", '{"type":"Point","coordinates":[[1.123456789,2]]}'],
    ["with strings", '{"type":"Point","coordinates":[1.123456789,"2"]}'],
    ["given twice", '{"type":"Point","coordinates":[1.123456789,2],"coordinates":[1.123456789,2]}'],
    ["of an unknown type", '{"type":"Circle","coordinates":[1.123456789,2]}'],
    ["null", '{"type":"Point","coordinates":null}'],
  ])("a geometry's coordinates %s, while others are rounded", async (_, odd) => {
    const wrap = (inner: string) => collection(feature(odd), feature(inner));
    const { text } = await prepare(wrap('{"type":"Point","coordinates":[0.00000051,2]}'));
    expect(text).toBe(wrap('{"type":"Point","coordinates":[0.000001,2]}'));
  });
});

describe("simplify", () => {
  test("takes positions out with their separators", async () => {
    const before = '{"type":"LineString","coordinates":[ [0,0] ,\n  [1,0.001] ,  [2,0],\t[2,9] ]}';
    const { text, prepared } = await prepare(before, { precision: "full", simplify: 0.01 });
    expect(text).toBe('{"type":"LineString","coordinates":[ [0,0] ,\n  [2,0],\t[2,9] ]}');
    expect(prepared).toMatchObject({ lossless: false, report: { coordinates: 4, removed: 1, rounded: 0 } });
  });

  test("leaves points alone", async () => {
    for (const before of [
      '{"type":"MultiPoint","coordinates":[[0,0],[1,0],[2,0]]}',
      '{"coordinates":[0,0],"type":"Point"}',
    ]) {
      expect((await prepare(before, { simplify: 100 })).prepared.lossless).toBe(true);
    }
  });

  const coordinate = fc.double({ min: -180, max: 180, noNaN: true });
  const position = fc.tuple(coordinate, coordinate);
  const line = fc.array(position, { minLength: 2, maxLength: 20 });
  const ring = fc.array(position, { minLength: 3, maxLength: 20 }).map((list) => [...list, list[0]!]);
  const geometry = fc.oneof(
    position.map((coordinates) => ({ type: "Point", coordinates })),
    line.map((coordinates) => ({ type: "LineString", coordinates })),
    fc.array(ring, { maxLength: 3 }).map((coordinates) => ({ type: "Polygon", coordinates })),
  );
  const params = fc.record({
    precision: fc.integer({ min: 0, max: 15 }),
    simplify: fc.constantFrom(0, 0.5, 50, 500),
  });

  test("gives valid GeoJSON: nothing but coordinates changes, rings stay closed, values move half a unit at most", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(geometry, { maxLength: 6 }),
        params,
        fc.constantFrom(undefined, 1),
        async (shapes, wanted, indent) => {
          const features = shapes.map((shape) => ({
            type: "Feature",
            properties: { a: [1.23456789] },
            geometry: shape,
          }));
          const before = { type: "FeatureCollection", features };
          const { text } = await prepare(JSON.stringify(before, null, indent), wanted);
          const after = JSON.parse(text) as typeof before;
          for (const [i, { geometry: shape, ...rest }] of after.features.entries()) {
            const { geometry: original, ...originalRest } = features[i]!;
            expect(rest).toEqual(originalRest);
            expect(shape.type).toBe(original.type);
            if (shape.type === "Polygon") {
              for (const loop of shape.coordinates as [number, number][][]) {
                expect(loop.length).toBeGreaterThanOrEqual(4);
                expect(loop.at(-1)).toEqual(loop[0]);
              }
            }
            if (wanted.simplify > 0) continue;
            const values = (shape.coordinates as number[]).flat(3);
            const half = 0.5000001 * 10 ** -wanted.precision + 1e-13;
            for (const [k, value] of (original.coordinates as number[]).flat(3).entries()) {
              expect(Math.abs(values[k]! - value)).toBeLessThanOrEqual(half);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

test("any bytes go through, and mutated GeoJSON that is no JSON any more stays exact", async () => {
  const sample = collection(
    feature('{"type":"Polygon","coordinates":[[[0.12345678,0],[1,1],[2,0.5e1],[0.12345678,0]]]}', '{"n":"a"}'),
  );
  const mutation = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.constantFrom(...'{}[]",:0.e-x\\ ')), {
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(mutation, async (changes) => {
      const letters = [...sample];
      for (const [at, letter] of changes) letters[at] = letter;
      const before = letters.join("");
      const { text } = await prepare(before, { precision: 2 });
      let parsed: unknown;
      try {
        parsed = JSON.parse(before);
      } catch {
        expect(text).toBe(before);
      }
      if (parsed !== undefined) JSON.parse(text);
    }),
    { numRuns: 400 },
  );
});

test("a file longer than a chunk is cut nowhere", async () => {
  const shape = '{"type":"LineString","coordinates":[[1.123456789,2.123456789],[3.987654321,4]]}';
  const rounded = '{"type":"LineString","coordinates":[[1.123457,2.123457],[3.987654,4]]}';
  const many = (geometry: string) => collection(...Array.from({ length: 6000 }, () => feature(geometry)));
  const { text } = await prepare(many(shape));
  expect(text === many(rounded)).toBe(true);
});

describe("sniffing", () => {
  const sniff = (text: string) => {
    const bytes = new Uint8Array(Buffer.from(text));
    return geojson.sniff({ head: bytes, tail: bytes, size: bytes.length, name: "" });
  };

  test.each([
    ['{"type":"FeatureCollection","features":[]}', 0.9],
    ['\ufeff \n{"features":[], "type" : "FeatureCollection"}', 0.9],
    ['\x1e{"type":"Feature"}\n', 0.9],
    ['{"type":"Topology"}', 0.8],
    ['{"geometryType":"esriGeometryPoint"}', 0.5],
  ])("knows %s", (text, least) => {
    expect(sniff(text).confidence).toBeGreaterThanOrEqual(least);
  });

  test.each(["", "text", '{"name":"value"}', "\x89PNG"])("refuses %p with a reason", (text) => {
    expect(sniff(text)).toMatchObject({ confidence: 0, why: expect.stringContaining("GeoJSON") });
  });
});

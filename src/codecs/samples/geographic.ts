import { bytesOf, joinBytes, noise } from "../testing";
import { big, type Field, little, pack, type Sample, sample } from "./making";
import { storedZip } from "./zip";

export function geographic(): Sample[] {
  const feature =
    '{"type":"Feature","properties":{"name":"a"},"geometry":{"type":"Point","coordinates":[8.5,47.25]}}';
  const zipped = storedZip([
    ["roads/roads.shp", shape(0)],
    ["roads/roads.dbf", dbase()],
  ]);
  const wellLog = `~Version Information\n VERS. 2.0 : CWLS\n~Curve\n DEPT.M :\n~A\n${" 100.0 55.25\n".repeat(100)}`;
  return [
    sample("geospatial", "geojson", "map.geojson", `{"type":"FeatureCollection","features":[${feature}]}`),
    sample("geospatial", "geotiff", "tile.tif", tiff(true)),
    sample("geospatial", "geotiff", "tile-be.tif", tiff(false)),
    sample(
      "geospatial",
      "geotiff",
      "big.tif",
      little("II", [2, 43], [2, 8], [2, 0], [8, 16], [8, 0], [8, 0], noise(400)),
    ),
    sample("geospatial", "shapefile", "roads.shp", shape(400)),
    sample("geospatial", "shapefile", "roads.shx", shape(0)),
    sample("geospatial", "shapefile", "roads.dbf", dbase()),
    sample("geospatial", "shapefile", "roads.zip", zipped),
    sample("geospatial", "lidar", "survey.las", las()),
    sample("geospatial", "lidar", "well.las", wellLog),
  ];
}

function tiff(littleEndian: boolean): Uint8Array {
  const entry = (tag: number, value: number): Field[] => [
    [2, tag],
    [2, 4],
    [4, 1],
    [4, value],
  ];
  const entries = [
    entry(256, 16),
    entry(257, 16),
    entry(258, 8),
    entry(273, 122),
    entry(279, 256),
    entry(262, 1),
  ].flat();
  const header: (Field | string)[] = [littleEndian ? "II" : "MM", [2, 42], [4, 8]];
  return pack(littleEndian, ...header, [2, 6], ...entries, [4, 0], noise(400));
}

/** A header of points and as many bytes of records. */
function shape(recordBytes: number): Uint8Array {
  const words = (100 + recordBytes) / 2;
  return joinBytes(
    big([4, 9994], new Uint8Array(20), [4, words]),
    little([4, 1000], [4, 1], new Uint8Array(64)),
    noise(recordBytes),
  );
}

function dbase(): Uint8Array {
  const field = little("NAME\0\0\0\0\0\0\0C", [4, 0], [1, 10], new Uint8Array(15));
  const header = little([1, 3], [1, 126], [1, 1], [1, 31], [4, 5], [2, 65], [2, 11], new Uint8Array(20), field);
  return joinBytes(header, bytesOf("\r"), bytesOf(" road name ".repeat(5)), bytesOf("\x1a"));
}

/** LAS 1.2, point format 0. */
function las(): Uint8Array {
  const points = 30;
  const header = new Uint8Array(227);
  const view = new DataView(header.buffer);
  header.set(bytesOf("LASF"));
  header.set([1, 2], 24);
  view.setUint16(94, 227, true);
  view.setUint32(96, 227, true);
  view.setUint16(105, 20, true);
  view.setUint32(107, points, true);
  return joinBytes(header, noise(points * 20));
}

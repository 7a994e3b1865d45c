import { Type } from "@sinclair/typebox";
import { type Codec, ONLY_FORMATS } from "../codec";
import { type GeojsonParams, geojson, planGeojson, prepareGeojson } from "./geojson";
import { geotiff } from "./geotiff";
import { planGeotiff } from "./geotiff-plan";
import { lidar, planLidar } from "./lidar";
import { shapefile } from "./shapefile";
import { planShapefile } from "./shapefile-plan";

export const geospatial: Codec = {
  name: "geospatial",
  version: 1,
  title: "Geospatial",
  summary: "Maps and point clouds: GeoJSON with its coordinates rounded; GeoTIFF, shapefiles and LiDAR bit-exact.",
  formats: [geojson, geotiff, shapefile, lidar],
  params: Type.Object({
    precision: Type.Union([Type.Integer({ minimum: 0, maximum: 15 }), Type.Literal("full")], {
      default: 6,
      [ONLY_FORMATS]: [geojson.name],
      description: "Decimal places of GeoJSON coordinates (6 is about 11 cm); `full` keeps every digit.",
    }),
    simplify: Type.Number({
      minimum: 0,
      default: 0,
      [ONLY_FORMATS]: [geojson.name],
      description:
        "Tolerance, in coordinate units, within which GeoJSON lines and rings are simplified; 0 is none.",
    }),
  }),
  exactParams: { precision: "full", simplify: 0 },
  async prepare(source, { format, params }, scratch) {
    if (format !== geojson.name) return { lossless: true };
    return prepareGeojson(source, params as unknown as GeojsonParams, scratch);
  },
  plan(source, { format, level }) {
    if (format === lidar.name) return planLidar(source);
    if (format === geotiff.name) return planGeotiff(source, level);
    return format === geojson.name ? planGeojson(source, level) : planShapefile(source, level);
  },
};

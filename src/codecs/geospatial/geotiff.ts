import { type Format, no, type Probe, yes } from "../codec";
import { hasMagic, viewOf } from "../sniff";

/** TIFF 6.0, BigTIFF, and GeoTIFF (OGC 19-008r4), which is a TIFF with geographic tags. */
export const geotiff: Format = {
  name: "geotiff",
  title: "GeoTIFF",
  extensions: ["tif", "tiff", "gtiff"],
  mediaType: "image/tiff",
  sniff(probe) {
    const order = byteOrder(probe.head);
    if (order === undefined) return no("no TIFF header (`II*` or `MM*`) at offset 0");
    const first = firstDirectory(probe, order === "little");
    if (first === undefined || first < 8) return no("the TIFF header at offset 0 names no image directory");
    return yes(first < probe.size ? 1 : 0.5);
  },
};

function byteOrder(head: Uint8Array): "little" | "big" | undefined {
  if (hasMagic(head, "II*\0") || hasMagic(head, "II+\0")) return "little";
  if (hasMagic(head, "MM\0*") || hasMagic(head, "MM\0+")) return "big";
  return undefined;
}

function firstDirectory({ head }: Probe, littleEndian: boolean): number | undefined {
  const view = viewOf(head);
  const big = head.length > 3 && view.getUint16(2, littleEndian) === 43;
  if (head.length < (big ? 16 : 8)) return undefined;
  return big ? Number(view.getBigUint64(8, littleEndian)) : view.getUint32(4, littleEndian);
}

import { type Format, no, type Probe, yes } from "../codec";
import { hasMagic, latin1, viewOf } from "../sniff";

/** The parts of an ESRI shapefile (technical description, July 1998): .shp, .shx, .dbf, or all of them in a .zip. */
export const shapefile: Format = {
  name: "shapefile",
  title: "Shapefile",
  extensions: ["shp", "shx", "dbf", "zip"],
  mediaType: "application/vnd.shp",
  sniff(probe) {
    if (isMainOrIndex(probe.head)) return yes(1);
    if (isTable(probe)) return yes(0.9);
    if (isZipOfShapes(probe)) return yes(0.95);
    return no("no shapefile header (9994 at offset 0, 1000 at 28), no dBASE table and no ZIP with a .shp in it");
  },
};

/** File code 9994 in big-endian, version 1000 in little-endian, a known shape type. */
function isMainOrIndex(head: Uint8Array): boolean {
  if (!hasMagic(head, [0, 0, 0x27, 0x0a]) || head.length < 36) return false;
  const view = viewOf(head);
  return view.getInt32(28, true) === 1000 && SHAPE_TYPES.has(view.getInt32(32, true));
}

const SHAPE_TYPES = new Set([0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31]);

/** dBASE III to 7, FoxBase and Visual FoxPro. */
const TABLE_VERSIONS = new Set([
  0x02, 0x03, 0x04, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8c, 0xcb, 0xf5, 0xfb,
]);
const FIELD_BYTES = 32;

/** A dBASE header is consistent with itself: a date, field descriptors, and records as long as their fields. */
export function isTable({ head, size }: Probe): boolean {
  if (head.length < 33 || !TABLE_VERSIONS.has(head[0]!)) return false;
  const view = viewOf(head);
  const [month, day] = [head[2]!, head[3]!];
  if (month > 12 || day > 31) return false;
  const headerBytes = view.getUint16(8, true);
  const recordBytes = view.getUint16(10, true);
  if (headerBytes < 33 || recordBytes < 1 || headerBytes > size) return false;
  let fieldBytes = 1;
  let at = FIELD_BYTES;
  for (; at + FIELD_BYTES <= headerBytes && head[at] !== 0x0d; at += FIELD_BYTES) {
    if (at + FIELD_BYTES > head.length || !isFieldDescriptor(head, at)) return false;
    fieldBytes += head[at + 16]!;
  }
  if (at > FIELD_BYTES && fieldBytes === recordBytes) return true;
  // Long character fields keep the high byte of their length elsewhere.
  return at > FIELD_BYTES && head[at] === 0x0d && (recordBytes - fieldBytes) % 256 === 0;
}

function isFieldDescriptor(head: Uint8Array, at: number): boolean {
  const type = String.fromCharCode(head[at + 11]!);
  return /[CNFDLMBGPYTIVXQ@O+0W]/.test(type) && head[at]! > 0x20;
}

/** A member is named .shp or .shx; the directory at the end lists them all, local headers those at the front. */
function isZipOfShapes({ head, tail }: Probe): boolean {
  if (!hasMagic(head, "PK\x03\x04")) return false;
  const names = [...memberNames(tail, "PK\x01\x02", 28, 46), ...memberNames(head, "PK\x03\x04", 26, 30)];
  return names.some((name) => /\.sh[px]$/i.test(name));
}

/** Names after each header of one kind (APPNOTE.TXT sections 4.3.7 and 4.3.12). */
function* memberNames(bytes: Uint8Array, signature: string, lengthAt: number, nameAt: number): Generator<string> {
  const text = latin1(bytes);
  for (let at = text.indexOf(signature); at >= 0; at = text.indexOf(signature, at + 4)) {
    const length = (bytes[at + lengthAt] ?? 0) + 256 * (bytes[at + lengthAt + 1] ?? 0);
    yield text.slice(at + nameAt, at + nameAt + length);
  }
}

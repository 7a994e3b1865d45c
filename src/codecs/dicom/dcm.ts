import { type Format, no, type Probe, yes } from "../codec";
import { hasMagic, viewOf } from "../sniff";

/** DICOM PS3.10 files, and bare data sets of PS3.5 as older equipment writes them. */
export const dcm: Format = {
  name: "dcm",
  title: "DICOM",
  extensions: ["dcm", "dicom", "ima"],
  mediaType: "application/dicom",
  sniff(probe) {
    if (hasMagic(probe.head, "DICM", 128)) return yes(1);
    const start = hasMagic(probe.head, "DICM") ? 4 : 0;
    for (const syntax of SYNTAXES) {
      if (looksLikeDataSet(probe, start, syntax)) return yes(0.9);
    }
    return no("no DICM marker at offset 128 and no valid data set at 0");
  },
};

interface Syntax {
  readonly littleEndian: boolean;
  readonly explicit: boolean;
}

const SYNTAXES: readonly Syntax[] = [
  { littleEndian: true, explicit: true },
  { littleEndian: true, explicit: false },
  { littleEndian: false, explicit: true },
];

/** PS3.5 section 6.2. */
const VALUE_REPRESENTATIONS = new Set(
  "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split(
    " ",
  ),
);

/** Those with two reserved bytes and a 32-bit length, PS3.5 section 7.1.2. */
const LONG_REPRESENTATIONS = new Set("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(" "));

const UNDEFINED_LENGTH = 0xffffffff;

/** As many well-formed elements in rising order prove a data set; chance does not make them. */
const ENOUGH_ELEMENTS = 4;

/** Whether a data set of group 0002 or 0008 starts at `start`: tags rise and lengths stay inside the file. */
function looksLikeDataSet({ head, size }: Probe, start: number, syntax: Syntax): boolean {
  const view = viewOf(head);
  let at = start;
  let previous = -1;
  for (let count = 0; count < ENOUGH_ELEMENTS; count++) {
    if (at === size && count >= 2) return true;
    if (at + 12 > head.length) return count >= 2;
    const group = view.getUint16(at, syntax.littleEndian);
    const tag = group * 65536 + view.getUint16(at + 2, syntax.littleEndian);
    if (count === 0 && group !== 0x0002 && group !== 0x0008) return false;
    if (tag <= previous) return false;
    previous = tag;
    const element = readLength(view, at + 4, syntax);
    if (element === undefined) return false;
    if (element.length === UNDEFINED_LENGTH) return count >= 2;
    at = element.valueAt + element.length;
    if (at > size) return false;
  }
  return true;
}

function readLength(
  view: DataView,
  at: number,
  { explicit, littleEndian }: Syntax,
): { length: number; valueAt: number } | undefined {
  if (!explicit) return { length: view.getUint32(at, littleEndian), valueAt: at + 4 };
  const representation = String.fromCharCode(view.getUint8(at), view.getUint8(at + 1));
  if (!VALUE_REPRESENTATIONS.has(representation)) return undefined;
  return LONG_REPRESENTATIONS.has(representation)
    ? { length: view.getUint32(at + 4, littleEndian), valueAt: at + 8 }
    : { length: view.getUint16(at + 2, littleEndian), valueAt: at + 4 };
}

import { type Format, no, type Probe, yes } from "../codec";
import { hasMagic, viewOf } from "../sniff";
import { readHead, type Syntax, UNDEFINED_LENGTH } from "./data-set";

/** DICOM PS3.10 files, and bare data sets of PS3.5 as older equipment writes them. */
export const dcm: Format = {
  name: "dcm",
  title: "DICOM",
  extensions: ["dcm", "dicom", "ima"],
  mediaType: "application/dicom",
  sniff(probe) {
    if (hasMagic(probe.head, "DICM", 128)) return yes(1);
    const start = hasMagic(probe.head, "DICM") ? 4 : 0;
    return bareSyntax(probe, start) ? yes(0.9) : no("no DICM marker at offset 128 and no valid data set at 0");
  },
};

/** How a data set without a file meta group is written; undefined when nothing at `start` looks like one. */
export function bareSyntax(probe: Pick<Probe, "head" | "size">, start: number): Syntax | undefined {
  return SYNTAXES.find((syntax) => looksLikeDataSet(probe, start, syntax));
}

/** The likeliest first. */
const SYNTAXES: readonly Syntax[] = [
  { littleEndian: true, explicit: true },
  { littleEndian: true, explicit: false },
  { littleEndian: false, explicit: true },
];

/** As many well-formed elements in rising order prove a data set; chance does not make them. */
const ENOUGH_ELEMENTS = 4;

/** Whether a data set of group 0002 or 0008 starts at `start`: tags rise and lengths stay inside the file. */
function looksLikeDataSet({ head, size }: Pick<Probe, "head" | "size">, start: number, syntax: Syntax): boolean {
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
    const element = readHead(view, at, syntax);
    if (element === undefined) return false;
    if (element.length === UNDEFINED_LENGTH) return count >= 2;
    at = element.valueAt + element.length;
    if (at > size) return false;
  }
  return true;
}

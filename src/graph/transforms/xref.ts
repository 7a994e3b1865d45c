import type { Transform } from "./transform";

/** Stands in an entry for the offset that the file itself tells. */
const MARK = "##########";
const OFFSET_DIGITS = MARK.length;
const ENTRY_BYTES = 20;

/** Cross-reference tables of a PDF file (ISO 32000-2, 7.5.4) with the offsets of the objects filled in. */
export const xref: Transform = {
  id: 27,
  version: 1,
  name: "xref",
  outputLength(lengths) {
    if (lengths.length !== 1) throw new Error("xref takes one input");
    return lengths[0]!;
  },
  apply([input]) {
    const output = new Uint8Array(input!);
    for (const { at, offset, digits } of predictions(input!)) {
      if (digits === MARK) write(output, at, offset);
    }
    return output;
  },
};

/** The file with marks where offsets are as {@link xref} predicts them; undefined if none is. */
export function markOffsets(file: Uint8Array): Uint8Array | undefined {
  const marked = new Uint8Array(file);
  let count = 0;
  for (const { at, offset, digits } of predictions(file)) {
    if (digits !== offset) continue;
    write(marked, at, MARK);
    count++;
  }
  const isExact = count > 0 && Buffer.compare(xref.apply([marked], new Uint8Array(0), file.length), file) === 0;
  return isExact ? marked : undefined;
}

interface Prediction {
  /** Where the entry's offset stands, and what stands there. */
  readonly at: number;
  readonly digits: string;
  /** What should stand there. */
  readonly offset: string;
}

/** What the file says of each entry: the last object of its number before the table, else the first behind it. */
function* predictions(file: Uint8Array): Generator<Prediction> {
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString("latin1");
  let objects: Map<number, number[]> | undefined;
  const tables = /\bxref[\r\n ]{1,3}(?=\d)/g;
  for (let table = tables.exec(text); table; table = tables.exec(text)) {
    objects ??= objectOffsets(text);
    let at = tables.lastIndex;
    for (;;) {
      const [head, first, count] = /^(\d{1,10}) (\d{1,10})[\r\n ]{1,3}/.exec(text.slice(at, at + 24)) ?? [];
      if (head === undefined) break;
      at += head.length;
      const entries = Math.min(Number(count), Math.floor((text.length - at) / ENTRY_BYTES));
      for (let entry = 0; entry < entries; entry++, at += ENTRY_BYTES) {
        const offset = offsetFor(objects.get(Number(first) + entry), table.index);
        if (offset !== undefined && text[at + 17] === "n") {
          const digits = text.slice(at, at + OFFSET_DIGITS);
          yield { at, digits, offset: String(offset).padStart(OFFSET_DIGITS, "0") };
        }
      }
    }
    tables.lastIndex = at;
  }
}

function objectOffsets(text: string): Map<number, number[]> {
  const offsets = new Map<number, number[]>();
  for (const match of text.matchAll(/(?<!\d)(\d{1,10}) \d{1,5} obj\b/g)) {
    const number = Number(match[1]);
    const known = offsets.get(number);
    if (known) known.push(match.index);
    else offsets.set(number, [match.index]);
  }
  return offsets;
}

/** @param offsets ascending */
function offsetFor(offsets: readonly number[] | undefined, table: number): number | undefined {
  if (!offsets) return undefined;
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[middle]! < table) low = middle + 1;
    else high = middle;
  }
  return offsets[Math.max(low - 1, 0)];
}

function write(bytes: Uint8Array, at: number, digits: string): void {
  for (let i = 0; i < digits.length; i++) bytes[at + i] = digits.charCodeAt(i);
}

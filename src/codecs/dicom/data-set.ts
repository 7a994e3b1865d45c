import type { Source } from "../../graph/source";
import { latin1, viewOf } from "../sniff";

/** How elements are written, PS3.5 section 7 and annex A. */
export interface Syntax {
  readonly littleEndian: boolean;
  readonly explicit: boolean;
}

/** PS3.5 section 6.2. */
export const VALUE_REPRESENTATIONS: ReadonlySet<string> = new Set(
  "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split(
    " ",
  ),
);

/** Those with two reserved bytes and a 32-bit length, PS3.5 section 7.1.2. */
const LONG_REPRESENTATIONS: ReadonlySet<string> = new Set("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split(" "));

export const UNDEFINED_LENGTH = 0xffffffff;

/** The head of an element: its length field, and where its value begins. */
export interface ElementHead {
  /** Empty where the syntax is implicit, and for items and delimiters. */
  readonly representation: string;
  readonly length: number;
  readonly valueAt: number;
}

/** Bytes of the longest head. */
export const HEAD_BYTES = 12;

/** Reads what follows the tag at `at`; undefined for an unknown value representation. `view` holds {@link HEAD_BYTES}. */
export function readHead(view: DataView, at: number, { explicit, littleEndian }: Syntax): ElementHead | undefined {
  const implicit = { representation: "", length: view.getUint32(at + 4, littleEndian), valueAt: at + 8 };
  if (!explicit || view.getUint16(at, littleEndian) === DELIMITERS) return implicit;
  const representation = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  if (!VALUE_REPRESENTATIONS.has(representation)) return undefined;
  return LONG_REPRESENTATIONS.has(representation)
    ? { representation, length: view.getUint32(at + 8, littleEndian), valueAt: at + 12 }
    : { representation, length: view.getUint16(at + 6, littleEndian), valueAt: at + 8 };
}

/** An element of the outermost level. */
export interface Element extends ElementHead {
  /** Group times 65536 plus element. */
  readonly tag: number;
}

/** Group of items and delimiters, PS3.5 section 7.5. */
const DELIMITERS = 0xfffe;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;

const IMPLICIT: Syntax = { littleEndian: true, explicit: false };

const WINDOW_BYTES = 64 << 10;

/**
 * Walks the outermost elements of a data set from `start` on. Sequences of undefined length are entered and left
 * without a word; ends silently where the structure ends, be it by damage.
 */
export async function* readElements(source: Source, start: number, syntax: Syntax): AsyncGenerator<Element> {
  const around: Syntax[] = [];
  let current = syntax;
  let window: { from: number; bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };
  for (let at = start; at + 8 <= source.size; ) {
    if (at < window.from || at + HEAD_BYTES > window.from + window.bytes.length) {
      window = { from: at, bytes: await source.read(at, WINDOW_BYTES) };
    }
    const view = paddedView(window.bytes, at - window.from);
    const tag = view.getUint16(0, current.littleEndian) * 65536 + view.getUint16(2, current.littleEndian);
    const head = readHead(view, 0, current);
    if (!head) return;
    const valueAt = at + head.valueAt;
    if (tag === ITEM_END || tag === SEQUENCE_END) {
      current = around.pop() ?? current;
      at = valueAt;
    } else if (head.length === UNDEFINED_LENGTH) {
      if (around.length === 0) yield { ...head, tag, valueAt };
      around.push(current);
      // What was written as of unknown representation is implicit inside, PS3.5 section 6.2.2 note 4.
      if (head.representation === "UN") current = IMPLICIT;
      at = valueAt;
    } else {
      if (around.length === 0 && tag !== ITEM) yield { ...head, tag, valueAt };
      at = valueAt + head.length;
    }
  }
}

/** The bytes from `at` on, with zeros where fewer than a head are left. */
function paddedView(bytes: Uint8Array, at: number): DataView {
  if (at + HEAD_BYTES <= bytes.length) return new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES);
  const padded = new Uint8Array(HEAD_BYTES);
  padded.set(bytes.subarray(at));
  return viewOf(padded);
}

/** A short text value without its padding. */
export async function textValue(source: Source, { valueAt, length }: Element): Promise<string> {
  return latin1(await source.read(valueAt, Math.min(length, 256))).replace(/[\0 ]+$/, "");
}

/** An unsigned short. */
export async function shortValue(
  source: Source,
  { valueAt }: Element,
  { littleEndian }: Syntax,
): Promise<number | undefined> {
  const bytes = await source.read(valueAt, 2);
  return bytes.length === 2 ? viewOf(bytes).getUint16(0, littleEndian) : undefined;
}

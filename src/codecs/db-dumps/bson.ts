import type { Probe } from "../codec";
import { viewOf } from "../sniff";

/** Element types of bsonspec.org 1.1, deprecated ones included. */
const MAX_TYPE = 0x13;
const MIN_KEY = 0xff;
const MAX_KEY = 0x7f;

/** MongoDB keeps documents under 16 MiB and adds at most 16 KiB of its own. */
const MAX_DOCUMENT = (16 << 20) + (16 << 10);

const EMPTY_DOCUMENT = 5;

/** Whether the file is a row of BSON documents, as mongodump writes a collection; the last one may be cut. */
export function isBson({ head, size }: Probe): boolean {
  const view = viewOf(head);
  let at = 0;
  while (at + EMPTY_DOCUMENT <= head.length) {
    const length = view.getInt32(at, true);
    if (length < EMPTY_DOCUMENT || length > MAX_DOCUMENT || !opensWell(head, at, length)) return false;
    if (at + length > head.length) return at > 0 || hasElementName(head, at + 4);
    if (head[at + length - 1] !== 0) return false;
    at += length;
  }
  return at > EMPTY_DOCUMENT || (at === EMPTY_DOCUMENT && size === EMPTY_DOCUMENT);
}

/** The first element has a known type, or the document is empty. */
function opensWell(head: Uint8Array, at: number, length: number): boolean {
  const type = head[at + 4]!;
  if (length === EMPTY_DOCUMENT) return type === 0;
  return (type >= 1 && type <= MAX_TYPE) || type === MIN_KEY || type === MAX_KEY;
}

/** A name of printable characters, ended by zero, follows the type: more than chance where one document fills the probe. */
function hasElementName(head: Uint8Array, at: number): boolean {
  const end = head.indexOf(0, at + 1);
  if (end < at + 3 || end > at + 256) return false;
  return head.subarray(at + 1, end).every((byte) => byte >= 0x20);
}

import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Adobe Type 1 Font Format, chapter 7: the keys of the private part and of the charstrings in it. */
const PRIVATE_KEY = 55665;
const CHARSTRING_KEY = 4330;

/** Of a private part, in bytes. */
export interface PrivateSpan {
  /** From the end of the one before. */
  readonly gap: number;
  readonly length: number;
}

/** Parameters of the transform. */
export function eexecParams(spans: readonly PrivateSpan[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { gap, length } of spans) writer.varint(gap).varint(length);
  return writer.finish();
}

/** Type 1 fonts whose private parts, and the charstrings in them, get their encryption back. */
export const eexec: Transform = {
  id: 25,
  version: 1,
  name: "eexec",
  outputLength(lengths) {
    if (lengths.length !== 1) throw new Error("eexec takes one input");
    return lengths[0]!;
  },
  apply([input], params) {
    const output = new Uint8Array(input!);
    const reader = new ByteReader(params, "eexec parameters");
    for (let at = 0; reader.remaining > 0; ) {
      at += reader.varint(output.length - at);
      const end = at + reader.varint(output.length - at);
      const part = output.subarray(at, end);
      for (const [from, to] of charstrings(part)) encrypt(part.subarray(from, to), CHARSTRING_KEY);
      encrypt(part, PRIVATE_KEY);
      at = end;
    }
    return output;
  },
};

/** Takes the encryption of a private part and of its charstrings away, in place. */
export function decryptPrivate(part: Uint8Array): void {
  decrypt(part, PRIVATE_KEY);
  for (const [from, to] of charstrings(part)) decrypt(part.subarray(from, to), CHARSTRING_KEY);
}

function encrypt(bytes: Uint8Array, key: number): void {
  let state = key;
  for (let i = 0; i < bytes.length; i++) {
    const cipher = bytes[i]! ^ (state >> 8);
    state = nextState(state, cipher);
    bytes[i] = cipher;
  }
}

function decrypt(bytes: Uint8Array, key: number): void {
  let state = key;
  for (let i = 0; i < bytes.length; i++) {
    const cipher = bytes[i]!;
    bytes[i] = cipher ^ (state >> 8);
    state = nextState(state, cipher);
  }
}

function nextState(state: number, cipher: number): number {
  return ((cipher + state) * 52845 + 22719) & 0xffff;
}

const SPACE = 0x20;

/**
 * Where the charstrings lie: behind a decimal length, a space, `RD` or `-|`, and a space. What lies in one is not
 * looked at, so encrypted and decrypted text have the same.
 */
function* charstrings(text: Uint8Array): Generator<readonly [from: number, to: number]> {
  for (let at = text.indexOf(SPACE, 4); at >= 0; at = text.indexOf(SPACE, at + 1)) {
    const isRead = text[at - 2] === 0x52 && text[at - 1] === 0x44;
    const isBar = text[at - 2] === 0x2d && text[at - 1] === 0x7c;
    if ((!isRead && !isBar) || text[at - 3] !== SPACE) continue;
    const length = numberBefore(text, at - 3);
    const from = at + 1;
    if (length === 0 || from + length > text.length) continue;
    yield [from, from + length];
    at = from + length - 1;
  }
}

/** The decimal number of at most five digits that ends at `end`; 0 if there is none. */
function numberBefore(text: Uint8Array, end: number): number {
  let value = 0;
  for (let at = end - 1, unit = 1; at >= 0 && unit <= 10_000; at--, unit *= 10) {
    const digit = text[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value += digit * unit;
  }
  return value;
}

import { decryptPrivate, type PrivateSpan } from "../../graph/transforms/eexec";
import { latin1 } from "../sniff";

const START = Buffer.from("eexec", "latin1");
/** The font's own text before its private part is short; random bytes behind it must make sense soon. */
const LOOKED_AT_BYTES = 8192;
const PROOF_BYTES = 4096;
/** Zeros that follow the private part (Adobe Type 1 Font Format, 7.2). */
const ZEROS = Buffer.from("0".repeat(32), "latin1");

export interface Decrypted {
  readonly bytes: Uint8Array;
  /** The private part, if there is one. */
  readonly span?: PrivateSpan;
}

/** A Type 1 font (PFA's text with a binary private part, as PDF files hold it) without its encryption. */
export function decryptType1(font: Uint8Array): Decrypted {
  const buffer = Buffer.from(font.buffer, font.byteOffset, font.byteLength);
  if (font[0] !== 0x25 || font[1] !== 0x21) return { bytes: font };
  const keyword = buffer.subarray(0, LOOKED_AT_BYTES).indexOf(START);
  if (keyword < 0) return { bytes: font };
  const start = afterLineEnd(font, keyword + START.length);
  const zeros = buffer.indexOf(ZEROS, start);
  const end = zeros < 0 ? font.length : zeros;
  const bytes = new Uint8Array(font);
  decryptPrivate(bytes.subarray(start, end));
  if (!latin1(bytes.subarray(start, start + PROOF_BYTES)).includes("/Private")) return { bytes: font };
  return { bytes, span: { gap: start, length: end - start } };
}

/** One line end, or a space. */
function afterLineEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 13 && bytes[at + 1] === 10) return at + 2;
  return at + 1;
}

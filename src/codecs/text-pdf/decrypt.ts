import { applyCipher, type Cipher, type CipherSpan } from "../../graph/transforms/cipher";
import { latin1 } from "../sniff";
import { cipherOf } from "./encryption";
import { afterLineEnd, KEYWORD } from "./streams";

/** A PDF file with its streams decrypted in their places. */
export interface DecryptedPdf {
  readonly bytes: Uint8Array;
  readonly cipher: Cipher;
  readonly spans: readonly CipherSpan[];
}

const DICTIONARY_BYTES = 1024;
const END = Buffer.from("endstream", "latin1");

/** Undefined if the file is not encrypted, or not in a way that opens without a password. */
export function decryptPdf(file: Uint8Array): DecryptedPdf | undefined {
  const cipher = cipherOf(file);
  if (!cipher) return undefined;
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const bytes = new Uint8Array(file);
  const spans: CipherSpan[] = [];
  let done = 0;
  for (let at = buffer.indexOf(KEYWORD); at >= 0; at = buffer.indexOf(KEYWORD, Math.max(at + 1, done))) {
    const object = objectBefore(file, at);
    const start = afterLineEnd(file, at + KEYWORD.length);
    const isEnd = buffer.subarray(at - 3, at).equals(END.subarray(0, 3));
    if (isEnd || !object || start === undefined || isClear(object.dictionary)) continue;
    const end = streamEnd(buffer, start, object.dictionary);
    if (end <= start) continue;
    applyCipher(cipher, bytes.subarray(start, end), object, "decrypt");
    const { number, generation } = object;
    spans.push({ gap: start - done, length: end - start, number, generation });
    done = end;
  }
  return spans.length > 0 ? { bytes, cipher, spans } : undefined;
}

interface StreamObject {
  readonly number: number;
  readonly generation: number;
  readonly dictionary: string;
}

/** The object whose stream begins at a keyword. */
function objectBefore(file: Uint8Array, keyword: number): StreamObject | undefined {
  const text = latin1(file.subarray(Math.max(0, keyword - DICTIONARY_BYTES), keyword));
  const match = [...text.matchAll(/(\d{1,8})\s+(\d{1,5})\s+obj\b/g)].at(-1);
  if (!match) return undefined;
  const dictionary = text.slice(match.index);
  return { number: Number(match[1]), generation: Number(match[2]), dictionary };
}

/** Cross-reference streams are never encrypted, nor those that a filter of their own excepts. */
function isClear(dictionary: string): boolean {
  return /\/Type\s*\/XRef\b|\/Crypt\b/.test(dictionary);
}

/** The end that the dictionary states, if a stream ends there; otherwise the one that is found. */
function streamEnd(buffer: Buffer, start: number, dictionary: string): number {
  const stated = start + Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? Number.NaN);
  if (/^\s{0,2}endstream/.test(latin1(buffer.subarray(stated, stated + 12)))) return stated;
  const found = buffer.indexOf(END, start);
  if (found < 0) return start;
  if (buffer[found - 1] === 13) return found - 1;
  return buffer[found - 1] === 10 ? found - (buffer[found - 2] === 13 ? 2 : 1) : found;
}

import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/**
 * How the streams of a PDF file are encrypted (ISO 32000-2, 7.6); the position is its number in the parameters.
 *
 * - `rc4`, `aes-128`: with a key of each object's own, made from the file's
 * - `aes-256`: with the file's key
 */
export const CIPHERS = ["rc4", "aes-128", "aes-256"] as const;

export interface Cipher {
  readonly kind: (typeof CIPHERS)[number];
  /** The file's key: 5 to 16 bytes; 32 for `aes-256`. */
  readonly key: Uint8Array;
}

/** An encrypted stream. */
export interface CipherSpan {
  /** Bytes from the end of the one before. */
  readonly gap: number;
  readonly length: number;
  /** Of the object. */
  readonly number: number;
  readonly generation: number;
}

/** Bytes in front of a stream that AES encrypted: the initialisation vector. */
export const VECTOR_BYTES = 16;

/** Parameters of the transform. */
export function cipherParams({ kind, key }: Cipher): Uint8Array {
  return new ByteWriter().byte(CIPHERS.indexOf(kind)).blob(key).finish();
}

/** The transform's second input. */
export function writeSpans(spans: readonly CipherSpan[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { gap, length, number, generation } of spans) {
    writer.varint(gap).varint(length).varint(number).varint(generation);
  }
  return writer.finish();
}

/** Streams of a PDF file encrypted again, in their places. */
export const cipher: Transform = {
  id: 26,
  version: 1,
  name: "cipher",
  outputLength(lengths) {
    if (lengths.length !== 2) throw new Error("cipher takes two inputs");
    return lengths[0]!;
  },
  apply([input, spans], params) {
    const output = new Uint8Array(input!);
    const reader = new ByteReader(spans!, "the encrypted spans");
    const chosen = readParams(params);
    for (let at = 0; reader.remaining > 0; ) {
      at += reader.varint(output.length - at);
      const length = reader.varint(output.length - at);
      const [number, generation] = [reader.varint(), reader.varint()];
      applyCipher(chosen, output.subarray(at, at + length), { number, generation }, "encrypt");
      at += length;
    }
    return output;
  },
};

function readParams(params: Uint8Array): Cipher {
  const reader = new ByteReader(params, "cipher parameters");
  const kind = CIPHERS[reader.byte()];
  const key = reader.blob();
  reader.end();
  const fits = kind === "aes-256" ? key.length === 32 : key.length >= 5 && key.length <= 16;
  if (!kind || !fits) throw reader.damaged("no such cipher");
  return { kind, key };
}

/** Encrypts or decrypts a stream in place; with AES what does not fill a block at its end stays as it is. */
export function applyCipher(
  { kind, key }: Cipher,
  stream: Uint8Array,
  { number, generation }: Pick<CipherSpan, "number" | "generation">,
  direction: "encrypt" | "decrypt",
): void {
  if (kind === "rc4") {
    rc4(objectKey(key, number, generation), stream);
    return;
  }
  const blocks = stream.subarray(VECTOR_BYTES, stream.length - (stream.length % VECTOR_BYTES));
  if (blocks.length === 0) return;
  const algorithm = kind === "aes-128" ? "aes-128-cbc" : "aes-256-cbc";
  const own = kind === "aes-128" ? objectKey(key, number, generation, "sAlT") : key;
  if (own.length !== (kind === "aes-128" ? 16 : 32)) throw new Error("the key is too short for AES");
  const create = direction === "encrypt" ? createCipheriv : createDecipheriv;
  const coder = create(algorithm, own, stream.slice(0, VECTOR_BYTES)).setAutoPadding(false);
  const done = Buffer.concat([coder.update(blocks), coder.final()]);
  blocks.set(done);
}

/** Algorithm 1 of ISO 32000-2, 7.6.3.2. */
function objectKey(key: Uint8Array, number: number, generation: number, salt = ""): Uint8Array {
  const tail = [number, number >> 8, number >> 16, generation, generation >> 8].map((byte) => byte & 255);
  const hash = createHash("md5").update(key).update(Uint8Array.from(tail)).update(salt, "latin1").digest();
  return new Uint8Array(hash.subarray(0, Math.min(key.length + 5, 16)));
}

/** The stream cipher RC4, in place; it undoes itself. */
export function rc4(key: Uint8Array, bytes: Uint8Array): void {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let i = 0, j = 0; i < 256; i++) {
    const value = state[i]!;
    j = (j + value + key[i % key.length]!) & 255;
    state[i] = state[j]!;
    state[j] = value;
  }
  for (let at = 0, i = 0, j = 0; at < bytes.length; at++) {
    i = (i + 1) & 255;
    const value = state[i]!;
    j = (j + value) & 255;
    const other = state[j]!;
    state[i] = other;
    state[j] = value;
    bytes[at]! ^= state[(value + other) & 255]!;
  }
}

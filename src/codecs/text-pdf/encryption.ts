import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { type Cipher, rc4 } from "../../graph/transforms/cipher";
import { latin1 } from "../sniff";
import { stringAfter } from "./strings";

/** Stands in for missing characters of a password (ISO 32000-2, algorithm 2). */
const PADDING = Buffer.from("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a", "hex");

const DICTIONARY_BYTES = 4096;

/** How a PDF file's streams are encrypted, if they are and open without a password. */
export function cipherOf(file: Uint8Array): Cipher | undefined {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const at =
    buffer.lastIndexOf("/Encrypt ") >= 0 ? buffer.lastIndexOf("/Encrypt ") : buffer.lastIndexOf("/Encrypt<");
  if (at < 0) return undefined;
  const entry = latin1(file.subarray(at, at + 40));
  const [, number] = /^\/Encrypt\s+(\d+)\s+\d+\s+R/.exec(entry) ?? [];
  const start = number === undefined ? at : objectAt(buffer, Number(number));
  if (start < 0) return undefined;
  const dictionary = latin1(file.subarray(start, start + DICTIONARY_BYTES));
  const end = dictionary.search(/endobj|\bstream\b/);
  return cipherFrom(end < 0 ? dictionary : dictionary.slice(0, end), () => firstIdentifier(buffer, at));
}

/** Where the text of an object begins; -1 if there is none. */
function objectAt(buffer: Buffer, number: number): number {
  for (const before of ["\n", "\r", " "]) {
    const at = buffer.indexOf(`${before}${number} 0 obj`, 0, "latin1");
    if (at >= 0) return at;
  }
  return -1;
}

/** The first of the file's two identifiers, which stand near the trailer's entry for encryption. */
function firstIdentifier(buffer: Buffer, near: number): Buffer {
  const from = Math.max(0, near - DICTIONARY_BYTES);
  const text = latin1(buffer.subarray(from, near + DICTIONARY_BYTES));
  const places = [...text.matchAll(/\/ID\s*\[/g)].map((match) => match.index + match[0].length);
  places.sort((a, b) => Math.abs(a - (near - from)) - Math.abs(b - (near - from)));
  return (places[0] === undefined ? undefined : stringAfter(text, places[0])) ?? Buffer.alloc(0);
}

function cipherFrom(dictionary: string, identifier: () => Buffer): Cipher | undefined {
  if (!/\/Filter\s*\/Standard\b/.test(dictionary)) return undefined;
  const number = (name: string) => Number(new RegExp(`/${name}\\s+(-?\\d+)`).exec(dictionary)?.[1] ?? 0);
  const string = (name: string) => {
    const found = new RegExp(`/${name}\\s*(?=[(<])`).exec(dictionary);
    return found ? stringAfter(dictionary, found.index + found[0].length) : undefined;
  };
  const [version, revision] = [number("V"), number("R")];
  const kind = kindOf(dictionary, version);
  const [owner, user] = [string("O"), string("U")];
  if (!kind || !owner || !user) return undefined;
  if (kind === "aes-256") {
    const key = longKey(user, string("UE"), revision);
    return key && { kind, key };
  }
  const bytes = version === 1 ? 5 : version === 4 ? 16 : Math.floor((number("Length") || 40) / 8);
  if (bytes < 5 || bytes > 16) return undefined;
  const hidesMetadata = !/\/EncryptMetadata\s+false/.test(dictionary);
  const key = shortKey({
    owner,
    permissions: number("P"),
    identifier: identifier(),
    revision,
    bytes,
    hidesMetadata,
  });
  return opens(key, user, identifier(), revision) ? { kind, key } : undefined;
}

/** The cipher of streams: by the version, and from 4 on by the filter that is named for streams. */
function kindOf(dictionary: string, version: number): Cipher["kind"] | undefined {
  if (version === 1 || version === 2) return "rc4";
  if ((version !== 4 && version !== 5) || !/\/StmF\s*\/StdCF/.test(dictionary)) return undefined;
  const method = /\/CFM\s*\/(V2|AESV2|AESV3)\b/.exec(dictionary)?.[1];
  if (method === "V2") return "rc4";
  if (method === "AESV2") return "aes-128";
  return method === "AESV3" ? "aes-256" : undefined;
}

interface KeyParts {
  readonly owner: Buffer;
  readonly permissions: number;
  readonly identifier: Buffer;
  readonly revision: number;
  readonly bytes: number;
  readonly hidesMetadata: boolean;
}

/** Algorithm 2, for the empty password. */
function shortKey({ owner, permissions, identifier, revision, bytes, hidesMetadata }: KeyParts): Uint8Array {
  const allowed = Buffer.alloc(4);
  allowed.writeInt32LE(permissions | 0);
  const hash = createHash("md5").update(PADDING).update(owner.subarray(0, 32)).update(allowed).update(identifier);
  if (revision >= 4 && !hidesMetadata) hash.update(Buffer.alloc(4, 255));
  let key = hash.digest().subarray(0, bytes);
  for (let round = 0; revision >= 3 && round < 50; round++) {
    key = createHash("md5").update(key).digest().subarray(0, bytes);
  }
  return new Uint8Array(key);
}

/** Algorithms 4 to 6: whether the key is that of the user's password. */
function opens(key: Uint8Array, user: Buffer, identifier: Buffer, revision: number): boolean {
  if (revision < 3) {
    const expected = new Uint8Array(PADDING);
    rc4(key, expected);
    return user.subarray(0, 32).equals(expected);
  }
  const expected = new Uint8Array(createHash("md5").update(PADDING).update(identifier).digest());
  for (let round = 0; round < 20; round++) {
    rc4(
      key.map((byte) => byte ^ round),
      expected,
    );
  }
  return user.subarray(0, 16).equals(expected);
}

/** Algorithm 2.A, for the empty password. */
function longKey(user: Buffer, encrypted: Buffer | undefined, revision: number): Uint8Array | undefined {
  if (user.length < 48 || encrypted?.length !== 32 || (revision !== 5 && revision !== 6)) return undefined;
  const hash = (salt: Buffer) => (revision === 5 ? createHash("sha256").update(salt).digest() : hardened(salt));
  if (!hash(user.subarray(32, 40)).equals(user.subarray(0, 32))) return undefined;
  const decipher = createDecipheriv("aes-256-cbc", hash(user.subarray(40, 48)), Buffer.alloc(16));
  return new Uint8Array(decipher.setAutoPadding(false).update(encrypted));
}

/** Algorithm 2.B, for the empty password of a user. */
function hardened(salt: Buffer): Buffer {
  let key = createHash("sha256").update(salt).digest();
  for (let round = 0; ; round++) {
    const repeated = Buffer.concat(Array.from({ length: 64 }, () => key));
    const cipher = createCipheriv("aes-128-cbc", key.subarray(0, 16), key.subarray(16, 32)).setAutoPadding(false);
    const encrypted = cipher.update(repeated);
    const sum = encrypted.subarray(0, 16).reduce((total, byte) => total + byte, 0);
    key = createHash(["sha256", "sha384", "sha512"][sum % 3]!)
      .update(encrypted)
      .digest();
    if (round >= 63 && encrypted.at(-1)! <= round - 31) return key.subarray(0, 32);
  }
}

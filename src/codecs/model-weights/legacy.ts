import type { Source } from "../../graph/source";
import { hasMagic, latin1, viewOf } from "../sniff";
import type { Claim } from "./layout";
import { type Pickle, type PickleValue, readPickle } from "./pickle";
import { namedStorages, type Storage, type StorageKind, storageKind } from "./storages";

/** A pickle of torch's magic number 0x1950a86a20f9469cfc6c (`torch/serialization.py`, `MAGIC_NUMBER`). */
export const LEGACY_MAGIC = "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/** The pickles at the front are read whole; longer ones leave the file exact. */
const FRONT_BYTES = [1 << 20, 32 << 20];

/**
 * `_legacy_save`: pickles of magic number, protocol, system, object and storage keys; then each storage as a count
 * of elements (int64) and the elements, little-endian and packed, hence at any alignment.
 */
export async function legacyClaims(source: Source): Promise<Claim[]> {
  for (const limit of FRONT_BYTES) {
    const front = readFront(await source.read(0, limit));
    if (front) return storageClaims(source, front);
    if (limit >= source.size) break;
  }
  return [];
}

interface Front {
  readonly storages: ReadonlyMap<string, Storage>;
  readonly keys: readonly PickleValue[];
  readonly end: number;
}

function readFront(bytes: Uint8Array): Front | undefined {
  try {
    let at = 0;
    const next = (): Pickle => {
      const pickle = readPickle(bytes, at);
      at = pickle.end;
      return pickle;
    };
    for (let i = 0; i < 3; i++) next();
    const storages = namedStorages(next().persistentIds);
    const keys = next().value;
    return Array.isArray(keys) ? { storages, keys, end: at } : undefined;
  } catch {
    return undefined;
  }
}

async function storageClaims(source: Source, { storages, keys, end }: Front): Promise<Claim[]> {
  const claims: Claim[] = [];
  let at = end;
  for (const key of keys) {
    const kind = storages.get(String(key))?.kind;
    const length = await storageLength(source, at, kind);
    if (length === undefined) break;
    claims.push({ offset: at + 8, length, type: kind?.type, bigEndian: false });
    at += 8 + length;
  }
  return claims;
}

/** Bytes of the storage whose count stands at `offset`, or undefined where it does not fit the file. */
async function storageLength(source: Source, offset: number, kind?: StorageKind): Promise<number | undefined> {
  const count = await source.read(offset, 8);
  if (!kind || count.length < 8) return undefined;
  const length = Number(viewOf(count).getBigUint64(0, true)) * kind.width;
  return offset + 8 + length <= source.size ? length : undefined;
}

const TAR_BLOCK = 512;
const MAX_TAR_MEMBERS = 64;

/** The oldest form: a tar whose member `storages` is a pickled count, then per storage a pickle and its elements. */
export async function tarClaims(source: Source): Promise<Claim[]> {
  const storages = await tarMember(source, "storages");
  if (!storages) return [];
  const claims: Claim[] = [];
  try {
    const first = await smallPickle(source, storages.offset);
    let at = storages.offset + first.end;
    const end = storages.offset + storages.length;
    for (let left = Number(first.value); left > 0 && at < end; left--) {
      const pickle = await smallPickle(source, at);
      const kind = Array.isArray(pickle.value) ? storageKind(pickle.value[2]) : undefined;
      const length = await storageLength(source, at + pickle.end, kind);
      if (length === undefined) break;
      const offset = at + pickle.end + 8;
      if (offset + length > end) break;
      claims.push({ offset, length, type: kind?.type, bigEndian: false });
      at = offset + length;
    }
  } catch {
    // A damaged pickle hides what follows it, which then stays exact.
  }
  return claims;
}

async function smallPickle(source: Source, offset: number): Promise<Pickle> {
  return readPickle(await source.read(offset, 4096));
}

/** The name of the member whose header stands at the front of `block`. */
export function tarName(block: Uint8Array): string {
  const name = latin1(block.subarray(0, 100));
  const end = name.indexOf("\0");
  return (end < 0 ? name : name.slice(0, end)).replace(/^\.\//, "");
}

/** IEEE 1003.1 pax, "ustar Interchange Format". */
async function tarMember(source: Source, name: string): Promise<{ offset: number; length: number } | undefined> {
  let at = 0;
  for (let i = 0; i < MAX_TAR_MEMBERS; i++) {
    const header = await source.read(at, TAR_BLOCK);
    if (header.length < TAR_BLOCK || !hasMagic(header, "ustar", 257)) return undefined;
    const length = Number.parseInt(latin1(header.subarray(124, 136)), 8);
    if (!Number.isSafeInteger(length)) return undefined;
    if (tarName(header) === name) {
      return at + TAR_BLOCK + length <= source.size ? { offset: at + TAR_BLOCK, length } : undefined;
    }
    at += TAR_BLOCK + Math.ceil(length / TAR_BLOCK) * TAR_BLOCK;
  }
  return undefined;
}

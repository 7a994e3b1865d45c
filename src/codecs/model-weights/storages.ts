import type { ElementType } from "./layout";
import { Global, type PickleValue } from "./pickle";

/** What a storage class of `torch/storage.py` holds. */
export interface StorageKind {
  /** Bytes of an element. */
  readonly width: number;
  /** Absent for what has more than one number in an element. */
  readonly type?: ElementType;
}

const KINDS: ReadonlyMap<string, StorageKind> = new Map<string, StorageKind>([
  ["ByteStorage", { width: 1, type: "U8" }],
  ["CharStorage", { width: 1, type: "I8" }],
  ["BoolStorage", { width: 1, type: "U8" }],
  ["QInt8Storage", { width: 1, type: "I8" }],
  ["QUInt8Storage", { width: 1, type: "U8" }],
  ["ShortStorage", { width: 2, type: "I16" }],
  ["HalfStorage", { width: 2, type: "F16" }],
  ["BFloat16Storage", { width: 2, type: "BF16" }],
  ["IntStorage", { width: 4, type: "I32" }],
  ["QInt32Storage", { width: 4, type: "I32" }],
  ["FloatStorage", { width: 4, type: "F32" }],
  ["LongStorage", { width: 8, type: "I64" }],
  ["DoubleStorage", { width: 8, type: "F64" }],
  ["ComplexFloatStorage", { width: 8 }],
  ["ComplexDoubleStorage", { width: 16 }],
]);

/** One storage as pickles name it. */
export interface Storage {
  /** Absent for a class that is not known, or where one storage is read as two kinds. */
  readonly kind?: StorageKind;
  readonly elements: number;
}

/** The kind that a pickled storage class stands for. */
export function storageKind(value: PickleValue | undefined): StorageKind | undefined {
  if (!(value instanceof Global) || !/^torch(\.cuda)?$/.test(value.module)) return undefined;
  return KINDS.get(value.name);
}

/** Storages by key, from persistent ids `("storage", class, key, device, elements, ...)`. */
export function namedStorages(ids: readonly PickleValue[]): Map<string, Storage> {
  const storages = new Map<string, Storage>();
  for (const id of ids) {
    if (!Array.isArray(id) || id[0] !== "storage" || typeof id[2] !== "string" || typeof id[4] !== "number")
      continue;
    const kind = storageKind(id[1]);
    const before = storages.get(id[2]);
    const agrees = !before || (before.kind === kind && before.elements === id[4]);
    storages.set(id[2], { kind: agrees ? kind : undefined, elements: id[4] });
  }
  return storages;
}

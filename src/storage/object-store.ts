/**
 * Where archives live. Keys are `/`-separated, lower-case ASCII (see `checkKey`); values are immutable once put, and
 * a key is put by one upload only.
 */
export interface ObjectStore {
  readonly kind: "local" | "s3" | "memory";
  /**
   * Stores the file at `path` under `key`: durable and complete when it resolves, never visible in part. When it
   * fails, the object is absent, or complete if only the answer was lost; {@link remove} clears up either way. The
   * file may be moved away.
   * @throws Refusal `disk_full`, `storage_unavailable`, `aborted`
   */
  putFile(key: string, path: string, signal?: AbortSignal): Promise<void>;
  /**
   * Reads exactly `[offset, offset + length)`.
   * @throws Refusal `damaged` when the object is missing or shorter, `storage_unavailable`, `aborted`
   */
  read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Size in bytes, or null when there is no such object. @throws Refusal `storage_unavailable` */
  size(key: string): Promise<number | null>;
  /** Removes an object and what an interrupted put of it left behind; it is no error when there is none. */
  remove(key: string): Promise<void>;
  /** The objects whose keys begin with `prefix`, in no particular order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Writes, lists, reads back and removes a small object: proves that credentials and space suffice. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
  modifiedAt: Date;
}

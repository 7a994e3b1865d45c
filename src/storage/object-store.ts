/** Where archives live. Keys are `/`-separated, lower-case ASCII; values are immutable once put. */
export interface ObjectStore {
  readonly kind: "local" | "s3" | "memory";
  /**
   * Stores the file at `path` under `key`: durable and complete when it resolves, absent when it fails. The file
   * may be moved away.
   * @throws Refusal `disk_full`, `storage_unavailable`
   */
  putFile(key: string, path: string, signal?: AbortSignal): Promise<void>;
  /** Reads exactly `[offset, offset + length)`. @throws Refusal `damaged` when the object is missing or shorter. */
  read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Size in bytes, or null when there is no such object. */
  size(key: string): Promise<number | null>;
  /** Removes an object; it is no error when there is none. */
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<{ key: string; size: number; modifiedAt: Date }>;
  /** Writes, reads back and removes a small object: proves that credentials and space suffice. */
  check(): Promise<void>;
  close(): Promise<void>;
}

import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { checkAborted, checkKey, checkRange, missing, tooShort } from "./arguments";
import type { ObjectStore, StoredObject } from "./object-store";
import { probe } from "./probe";

/** Objects in memory, for tests of what stands on a store. */
export class MemoryStore implements ObjectStore {
  readonly kind = "memory";
  readonly #objects = new Map<string, { bytes: Uint8Array; modifiedAt: Date }>();

  async putFile(key: string, path: string, signal?: AbortSignal): Promise<void> {
    checkKey(key);
    checkAborted(signal);
    const bytes = await readFile(path);
    checkAborted(signal);
    this.#objects.set(key, { bytes, modifiedAt: new Date() });
  }

  async read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkKey(key);
    checkRange(offset, length);
    checkAborted(signal);
    const object = this.#objects.get(key);
    if (!object) throw missing(key);
    if (offset + length > object.bytes.length) throw tooShort(key, offset + length, object.bytes.length);
    return object.bytes.slice(offset, offset + length);
  }

  async size(key: string): Promise<number | null> {
    checkKey(key);
    return this.#objects.get(key)?.bytes.length ?? null;
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    this.#objects.delete(key);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for (const [key, { bytes, modifiedAt }] of this.#objects) {
      if (key.startsWith(prefix)) yield { key, size: bytes.length, modifiedAt };
    }
  }

  check(): Promise<void> {
    return probe(this, tmpdir());
  }

  async close(): Promise<void> {
    this.#objects.clear();
  }
}

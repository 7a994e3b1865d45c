import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { checkAborted, checkKey, checkRange, missing, tooShort } from "./arguments";
import { copySynced, fileRefusal, isMissing, syncFile, syncFolder, systemCode } from "./files";
import type { ObjectStore, StoredObject } from "./object-store";
import { probe } from "./probe";

/** Copies in the making. A name that no key and no fan-out folder can have. */
const INCOMING = "incoming";

/** Parts the key from the random tail in the names of copies; not in the alphabet of keys. */
const TAIL = "~";

/** Objects as files: `<root>/<2 hex digits of the key's SHA-256>/<key, its slashes as commas>`. */
export class LocalStore implements ObjectStore {
  readonly kind = "local";

  private constructor(readonly root: string) {}

  /**
   * Opens the store in `directory`, which is made if only its last name is missing: a whole missing path is more
   * likely a disk that is not mounted.
   * @throws Refusal `storage_unavailable`, `disk_full`
   */
  static async open(directory: string): Promise<LocalStore> {
    const root = resolve(directory);
    try {
      await makeFolder(root);
    } catch (error) {
      throw fileRefusal(error, root);
    }
    return new LocalStore(root);
  }

  async putFile(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const target = this.#locate(key);
    checkAborted(signal);
    await this.#explain(async () => {
      await makeFolder(dirname(target));
      try {
        await syncFile(path);
        await rename(path, target);
      } catch (error) {
        if (systemCode(error) !== "EXDEV") throw error;
        await this.#copyIn(path, target, signal);
      }
      await syncFolder(dirname(target));
    });
  }

  async read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const path = this.#locate(key);
    checkRange(offset, length);
    checkAborted(signal);
    return this.#explain(async () => {
      const file = await this.#unlessMissing(open(path, "r"));
      if (!file) throw missing(key);
      try {
        const { size } = await file.stat();
        if (offset + length > size) throw tooShort(key, offset + length, size);
        const bytes = new Uint8Array(length);
        for (let filled = 0; filled < length; ) {
          const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) throw tooShort(key, offset + length, offset + filled);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    });
  }

  async size(key: string): Promise<number | null> {
    const path = this.#locate(key);
    return this.#explain(async () => (await this.#unlessMissing(stat(path)))?.size ?? null);
  }

  async remove(key: string): Promise<void> {
    const path = this.#locate(key);
    await this.#explain(async () => {
      const copies = `${basename(path)}${TAIL}`;
      for (const name of (await this.#unlessMissing(readdir(join(this.root, INCOMING)))) ?? []) {
        if (name.startsWith(copies)) await rm(join(this.root, INCOMING, name), { force: true });
      }
      const removed = await this.#unlessMissing(unlink(path).then(() => true));
      if (removed) await syncFolder(dirname(path));
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const folders = await this.#explain(() => readdir(this.root));
    for (const folder of folders.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      const names = (await this.#explain(() => this.#unlessMissing(readdir(join(this.root, folder))))) ?? [];
      for (const name of names) {
        const key = name.replaceAll(",", "/");
        if (!key.startsWith(prefix)) continue;
        const path = join(this.root, folder, name);
        const found = await this.#explain(() => this.#unlessMissing(stat(path)));
        if (found?.isFile()) yield { key, size: found.size, modifiedAt: found.mtime };
      }
    }
  }

  check(): Promise<void> {
    return this.#explain(async () => probe(this, await this.#incoming()));
  }

  async close(): Promise<void> {}

  #locate(key: string): string {
    checkKey(key);
    const folder = createHash("sha256").update(key).digest("hex").slice(0, 2);
    return join(this.root, folder, key.replaceAll("/", ","));
  }

  async #incoming(): Promise<string> {
    const path = join(this.root, INCOMING);
    await makeFolder(path);
    return path;
  }

  /** For files from another file system: a copy beside the objects, then the same rename. */
  async #copyIn(path: string, target: string, signal: AbortSignal | undefined): Promise<void> {
    const copy = join(await this.#incoming(), `${basename(target)}${TAIL}${randomUUID()}`);
    try {
      await copySynced(path, copy, signal);
      await rename(copy, target);
    } catch (error) {
      await rm(copy, { force: true });
      throw error;
    }
  }

  /** Null when the file is not there; a root that is not there is still an error. */
  async #unlessMissing<T>(outcome: Promise<T>): Promise<T | null> {
    try {
      return await outcome;
    } catch (error) {
      if (!isMissing(error)) throw error;
      await stat(this.root);
      return null;
    }
  }

  async #explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // With the root in place, a missing file is one that the caller named.
      if (isMissing(error) && (await exists(this.root))) throw error;
      throw fileRefusal(error, this.root);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes a folder whose parent exists, durably; does nothing when it is there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
  } catch (error) {
    if (systemCode(error) !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
  }
}

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Random access to immutable bytes: a spool file, a buffer, an object in a store. */
export interface Source {
  /** Length in bytes. */
  readonly size: number;
  /** Reads up to `length` bytes from `offset`; shorter only where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file on disk. Cheap to open again elsewhere: workers are handed the path, not the bytes. */
export class FileSource implements Source {
  readonly size: number;
  readonly #fd: number;

  constructor(readonly path: string) {
    this.#fd = openSync(path, "r");
    this.size = fstatSync(this.#fd).size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readNow(offset, length);
  }

  /** The synchronous form, for parsers and workers that have a thread of their own. */
  readNow(offset: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const bytes = new Uint8Array(wanted);
    let filled = 0;
    while (filled < wanted) {
      const got = readSync(this.#fd, bytes, filled, wanted - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled === wanted ? bytes : bytes.subarray(0, filled);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bytes that are already in memory. */
export class MemorySource implements Source {
  constructor(readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, Math.min(offset + length, this.bytes.length));
  }
}

/** A stretch of another source as a source of its own. */
export function rangeOf(source: Source, offset: number, size: number): Source {
  return { size, read: (at, length) => source.read(offset + at, Math.max(0, Math.min(length, size - at))) };
}

import { closeSync, openSync, writeSync } from "node:fs";
import { Refusal } from "../errors";

const BUFFER_BYTES = 1 << 18;

/** Writes a new file front to back through one buffer; bytes already written can be patched in place. */
export class FileWriter {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #flushed = 0;

  /** @throws when `path` exists already */
  constructor(path: string) {
    this.#fd = openSync(path, "wx");
  }

  /** How many bytes the file has so far. */
  get size(): number {
    return this.#flushed + this.#buffered;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > BUFFER_BYTES - this.#buffered) this.#flush();
    if (bytes.length > BUFFER_BYTES) {
      this.#put(bytes, this.#flushed);
      this.#flushed += bytes.length;
    } else {
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
    }
  }

  /** Replaces bytes that were written before. */
  patch(offset: number, bytes: Uint8Array): void {
    this.#flush();
    this.#put(bytes, offset);
  }

  /** Writes what is buffered and closes the file. */
  finish(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #flush(): void {
    this.#put(this.#buffer.subarray(0, this.#buffered), this.#flushed);
    this.#flushed += this.#buffered;
    this.#buffered = 0;
  }

  #put(bytes: Uint8Array, offset: number): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#fd, bytes, done, bytes.length - done, offset + done);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      throw new Refusal("disk_full", "The disk is full; the file was not stored.");
    }
  }
}

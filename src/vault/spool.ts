import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Refusal } from "../errors";
import type { Spooled } from "./vault";

/** Writes are gathered up to this size: small network chunks would cost a system call each. */
const WRITE_BYTES = 1 << 20;

/**
 * The directory of files in transit: uploads, archives being written, a codec's temporary files. Nothing in it is
 * worth keeping after a crash, so it is emptied when the appliance starts.
 */
export class Spool {
  /** Bodies that are being received or worked on. */
  #bodies = 0;

  private constructor(
    readonly directory: string,
    private readonly maxBodies: number,
  ) {}

  /** @param maxBodies how many may be under way at once */
  static async open(directory: string, maxBodies: number): Promise<Spool> {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new Spool(directory, maxBodies);
  }

  /** @throws Refusal `busy` when as many bodies as may be are under way */
  requireRoom(): void {
    if (this.#bodies < this.maxBodies) return;
    throw new Refusal("busy", "Too many uploads are under way; try again shortly.");
  }

  /** A new directory for one job's files. */
  async workspace(): Promise<{ directory: string; discard(): Promise<void> }> {
    const directory = join(this.directory, randomUUID());
    await mkdir(directory, { mode: 0o700 });
    return { directory, discard: () => rm(directory, { recursive: true, force: true }) };
  }

  /**
   * Writes a body to disk and hashes it on the way; a slow disk slows the sender. It is under way until discarded.
   * @throws Refusal `too_large`, `aborted`, `disk_full`, `busy`; the file is gone then
   */
  async receive(body: AsyncIterable<Uint8Array> | Readable, limit: number, signal?: AbortSignal): Promise<Spooled> {
    const path = join(this.directory, `${randomUUID()}.upload`);
    this.requireRoom();
    this.#bodies++;
    let kept = true;
    const discard = async () => {
      if (kept) this.#bodies--;
      kept = false;
      await rm(path, { force: true });
    };
    try {
      return { path, ...(await writeHashed(path, body, limit, signal)), discard };
    } catch (error) {
      await discard();
      throw signal?.aborted ? new Refusal("aborted", "The upload was aborted.") : diskRefusal(error);
    }
  }
}

async function writeHashed(
  path: string,
  body: AsyncIterable<Uint8Array>,
  limit: number,
  signal?: AbortSignal,
): Promise<{ size: number; sha256: string }> {
  const hasher = new Bun.CryptoHasher("sha256");
  const file = await open(path, "wx", 0o600);
  let size = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    await writeAll(file, waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  try {
    for await (const chunk of body) {
      signal?.throwIfAborted();
      size += chunk.length;
      if (size > limit)
        throw new Refusal("too_large", `The file is larger than the limit of ${limit} bytes.`, { limit });
      hasher.update(chunk);
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes >= WRITE_BYTES) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
  return { size, sha256: hasher.digest("hex") };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

/** A full disk is the operator's matter, not a bug: it gets a sentence of its own. */
export function diskRefusal(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new Refusal("disk_full", "The server's disk is full; nothing was stored.");
  }
  return error;
}

import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { UsageError } from "./command";

/** Where `-` stands for standard input or output. */
export const STANDARD = "-";

/** A directory for this call's temporary files, gone when `work` ends. */
export async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "smallest-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  const stop = () => void remove().finally(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await work(directory);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await remove();
  }
}

/** The path of the input; standard input is spooled, since archives need to read it more than once. */
export async function inputPath(input: string, scratch: string): Promise<string> {
  if (input !== STANDARD) return input;
  const path = join(scratch, "stdin");
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of process.stdin) await writeAll(file.fd, chunk as Uint8Array);
  } finally {
    await file.close();
  }
  return path;
}

/** SHA-256 (hex) and size of a file. */
export async function digest(path: string): Promise<{ sha256: string; size: number }> {
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hasher.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { sha256: hasher.digest("hex"), size };
}

/**
 * Writes a file under a temporary name beside `target` and renames it once `fill` succeeded: a failure never leaves
 * half a file, nor harms the one that was there.
 */
export async function writeWhole<T>(target: string, fill: (path: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID().slice(0, 8)}`);
  try {
    const outcome = await fill(temporary);
    await rename(temporary, target);
    return outcome;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes `chunks` to a path, or to standard output for `-`; resolves to the number of bytes. */
export async function drain(chunks: AsyncIterable<Uint8Array>, target: string): Promise<number> {
  if (target === STANDARD) return drainTo(process.stdout.fd, chunks);
  const file = await open(target, "wx");
  try {
    const bytes = await drainTo(file.fd, chunks);
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

async function drainTo(fd: number, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) {
    await writeAll(fd, chunk);
    bytes += chunk.length;
  }
  return bytes;
}

/** A pipe takes what fits and may ask to wait. */
async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  const { writeSync } = await import("node:fs");
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await Bun.sleep(2);
    }
  }
}

/** A name that the program chose itself must not overwrite anything. */
export function freshTarget(path: string, force: boolean): string {
  if (!force && existsSync(path))
    throw new UsageError(`${path} exists already; name the output with -o, or use --force.`);
  return path;
}

import { randomUUID } from "node:crypto";
import { createReadStream, existsSync, realpathSync, statSync, writeSync } from "node:fs";
import { mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Refusal } from "../errors";
import { UsageError } from "./command";

/** Where `-` stands for standard input or output. */
export const STANDARD = "-";

/** Half-written files of this call, which must not outlive it. */
const unfinished = new Set<string>();

/** A directory for this call's temporary files, gone when `work` ends. */
export async function withScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "smallest-"));
  unfinished.add(directory);
  const stop = () => void removeUnfinished().finally(() => process.exit(130));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await work(directory);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await removeUnfinished();
  }
}

async function removeUnfinished(): Promise<void> {
  await Promise.all([...unfinished].map((path) => rm(path, { recursive: true, force: true })));
  unfinished.clear();
}

/**
 * A regular file with the bytes of the input. Archives read it more than once, so what can be read only once
 * (standard input, pipes, devices) is spooled.
 * @throws Refusal when there is no such file
 */
export async function inputPath(input: string, scratch: string): Promise<string> {
  if (input === STANDARD) return spool(process.stdin, scratch);
  const found = await stat(input).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new Refusal("not_found", `There is no file ${input}.`) : error;
  });
  if (found.isDirectory())
    throw new Refusal("bad_request", `${input} is a directory; pack it into one file first.`);
  // The kernel's own files say 0 whatever they hold.
  return found.isFile() && found.size > 0 ? input : spool(createReadStream(input), scratch);
}

async function spool(chunks: AsyncIterable<unknown>, scratch: string): Promise<string> {
  const path = join(scratch, "input");
  await drain(chunks as AsyncIterable<Uint8Array>, path);
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

/** Where output goes. */
export interface Target {
  /** {@link STANDARD} for standard output. */
  readonly path: string;
  /** A pipe or a device takes the bytes as they come; a file is replaced when all are there. */
  readonly stream: boolean;
}

/**
 * Checks the place for the output before any work is done.
 * @throws Refusal when nothing can be written there; UsageError when it is the input
 */
export function outputTarget(wished: string, input: string): Target {
  if (wished === STANDARD || wished === "/dev/stdout") return { path: STANDARD, stream: true };
  const found = statSync(wished, { throwIfNoEntry: false });
  const read = statSync(input, { throwIfNoEntry: false });
  if (found?.isFile() && found.ino === read?.ino && found.dev === read.dev) {
    throw new UsageError(`${wished} is the input; name another output.`);
  }
  if (found?.isDirectory()) throw new Refusal("bad_request", `${wished} is a directory; name a file in it.`);
  if (found) return { path: realpathSync(wished), stream: !found.isFile() };
  const folder = dirname(resolve(wished));
  if (!existsSync(folder)) throw new Refusal("bad_request", `There is no directory ${folder}.`);
  return { path: wished, stream: false };
}

/** The target whose name the program chose itself: it must not overwrite anything. */
export function freshTarget(path: string, input: string, force: boolean): Target {
  if (!force && existsSync(path))
    throw new UsageError(`${path} exists already; name the output with -o, or use --force.`);
  return outputTarget(path, input);
}

/**
 * Writes a file under a temporary name beside `target` and renames it once `fill` succeeded: a failure never leaves
 * half a file, nor harms the one that was there.
 */
export async function writeWhole<T>(target: string, fill: (path: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(target), `.${basename(target).slice(0, 200)}.${randomUUID().slice(0, 8)}`);
  unfinished.add(temporary);
  try {
    const outcome = await fill(temporary);
    await rename(temporary, target);
    return outcome;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    unfinished.delete(temporary);
  }
}

/** Writes `chunks` to a path, or to standard output for `-`; resolves to the number of bytes. */
export async function drain(chunks: AsyncIterable<Uint8Array>, target: string): Promise<number> {
  if (target === STANDARD) return drainTo(process.stdout.fd, chunks);
  const file = await open(target, "w");
  try {
    const bytes = await drainTo(file.fd, chunks);
    if ((await file.stat()).isFile()) await file.sync();
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
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      await Bun.sleep(2);
    }
  }
}

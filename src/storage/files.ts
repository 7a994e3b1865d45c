import { type FileHandle, open } from "node:fs/promises";
import { Refusal } from "../errors";
import { checkAborted } from "./arguments";

const COPY_BYTES = 1 << 20;

/** The `code` of a system error (`ENOSPC`), undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

export function isMissing(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR";
}

/** Returns when the file's bytes are on the disk. */
export async function syncFile(path: string): Promise<void> {
  // Windows syncs only what is open for writing.
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Returns when the names in a folder are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no such call: its file systems journal names by themselves.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Copies a file piece by piece into a new one and syncs it. What was written stays when this fails.
 * @throws Refusal `aborted`, and system errors
 */
export async function copySynced(from: string, to: string, signal?: AbortSignal): Promise<void> {
  const source = await open(from, "r");
  try {
    const target = await open(to, "wx", 0o600);
    try {
      const { size } = await source.stat();
      const copied = await pump(source, target, signal);
      if (copied !== size) throw new Error(`${from} had ${size} bytes and gave ${copied}`);
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function pump(source: FileHandle, target: FileHandle, signal: AbortSignal | undefined): Promise<number> {
  const piece = new Uint8Array(COPY_BYTES);
  for (let copied = 0; ; ) {
    checkAborted(signal);
    const { bytesRead } = await source.read(piece, 0, COPY_BYTES, copied);
    if (bytesRead === 0) return copied;
    for (let written = 0; written < bytesRead; ) {
      written += (await target.write(piece, written, bytesRead - written, copied + written)).bytesWritten;
    }
    copied += bytesRead;
  }
}

/** Says of a failed file operation below `root` what a person can do about it; mistakes of ours pass unchanged. */
export function fileRefusal(error: unknown, root: string): unknown {
  const code = systemCode(error);
  const refuse = (kind: "disk_full" | "storage_unavailable", message: string) =>
    new Refusal(kind, message, { cause: code });
  switch (code) {
    case "ENOSPC":
      return refuse("disk_full", `The disk that holds ${root} is full; free some space and try again.`);
    case "EDQUOT":
      return refuse("disk_full", `The disk quota for ${root} is used up; raise it or free some space.`);
    case "EACCES":
    case "EPERM":
      return refuse("storage_unavailable", `The server may not use ${root}; give its user read and write access.`);
    case "EROFS":
      return refuse("storage_unavailable", `The disk that holds ${root} is mounted read-only.`);
    case "ENOENT":
    case "ENOTDIR":
    case "EEXIST":
      return refuse("storage_unavailable", `The storage folder ${root} is not there; is its disk mounted?`);
    case "EMFILE":
    case "ENFILE":
      return refuse("storage_unavailable", "The server has too many files open; raise its limit of open files.");
    case "EIO":
    case "ESTALE":
    case "ENXIO":
    case "ENODEV":
    case "ETIMEDOUT":
      return refuse("storage_unavailable", `The disk that holds ${root} fails (${code}); check it and its cables.`);
    default:
      return error;
  }
}

import { join } from "node:path";
import { ArchiveReader } from "../archive/reader";
import type { FileQuery, StoredFile, Usage } from "../database/repository";
import { Refusal } from "../errors";
import { FileSource } from "../graph/source";
import { demand } from "./access";
import type { Appliance } from "./appliance";
import { type AuditAction, auditEntry } from "./audit";
import { storedParts } from "./part-bin";
import { embedParts, type UnpackOptions, unpack } from "./unpack";
import type { Actor, Download } from "./vault";

const COPY_BYTES = 1 << 20;

export async function listFiles(
  appliance: Appliance,
  actor: Actor,
  query: FileQuery,
): Promise<{ files: StoredFile[]; usage: Usage }> {
  demand(actor, "read");
  const page = await appliance.repository.files(actor.spaceId, query);
  await note(appliance, actor, "file.list", null);
  return page;
}

export async function fileOf(appliance: Appliance, actor: Actor, id: string): Promise<StoredFile> {
  demand(actor, "read");
  const file = await find(appliance, actor, id);
  await note(appliance, actor, "file.read", id);
  return file;
}

/** Finds a file; its archive is opened, and the access noted, when `stream` is read. */
export async function openDownload(appliance: Appliance, actor: Actor, id: string): Promise<Download> {
  demand(actor, "read");
  const file = await find(appliance, actor, id);
  return { file, stream: (start, end, signal) => content(appliance, actor, file, start, end, signal) };
}

async function* content(
  appliance: Appliance,
  actor: Actor,
  file: StoredFile,
  start: number,
  end: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { metrics } = appliance;
  const opened = async () => {
    await appliance.repository.touchFile(file.spaceId, file.id, new Date());
    await note(appliance, actor, "file.download", file.id);
  };
  try {
    for await (const bytes of contentOf(appliance, file, { start, end, signal, opened })) {
      metrics.count("smallest_download_bytes_total", {}, bytes.length);
      yield bytes;
    }
    metrics.count("smallest_downloads_total", { outcome: "ok" });
  } catch (error) {
    if (!signal?.aborted) await noteDamage(appliance, actor, file, error);
    throw error;
  }
}

/** The bytes of a stored file. @param opened called once its archive is found to be the right one */
export async function* contentOf(
  appliance: Appliance,
  file: StoredFile,
  { opened, ...range }: Omit<UnpackOptions, "parts"> & { opened?: () => Promise<void> } = {},
): AsyncGenerator<Uint8Array> {
  const { engine, stores, sweeper } = appliance;
  const release = sweeper.hold(file.objectKey);
  try {
    const archive = await ArchiveReader.open(await stores.source(file.objectKey, file.objectBytes));
    if (archive.contentSha256 !== file.contentSha256) {
      throw new Refusal("damaged", `The archive of ${file.id} is not the one that was stored.`);
    }
    await opened?.();
    yield* unpack(engine, archive, { ...range, parts: storedParts(appliance, file) });
  } finally {
    release();
  }
}

/** What a client may have as a dictionary: the content of one of the space's web assets. */
export async function contentBySha256(
  appliance: Appliance,
  actor: Actor,
  sha256: string,
  limit: number,
): Promise<Uint8Array | null> {
  demand(actor, "read");
  const file = await appliance.repository.fileByContent(actor.spaceId, "dict-transport", sha256);
  if (!file || file.contentBytes > limit) return null;
  return Buffer.concat(await Array.fromAsync(contentOf(appliance, file)));
}

/** The archive as `smallest decompress` takes it: with the shared parts inside. */
export async function exportArchive(
  appliance: Appliance,
  actor: Actor,
  id: string,
  signal?: AbortSignal,
): Promise<{ name: string; size: number; stream: AsyncIterable<Uint8Array> }> {
  demand(actor, "read");
  const file = await find(appliance, actor, id);
  await note(appliance, actor, "file.archive", id);
  const release = appliance.sweeper.hold(file.objectKey);
  const workspace = await appliance.spool.workspace();
  const finish = async () => {
    release();
    await workspace.discard();
  };
  try {
    const out = join(workspace.directory, "archive.smz");
    const source = await appliance.stores.source(file.objectKey, file.objectBytes);
    const size = await embedParts(source, out, storedParts(appliance, file));
    return { name: `${file.name}.smz`, size, stream: readFile(out, finish, signal) };
  } catch (error) {
    await finish();
    throw error;
  }
}

async function* readFile(
  path: string,
  finish: () => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const source = new FileSource(path);
  try {
    for (let at = 0; at < source.size; at += COPY_BYTES) {
      signal?.throwIfAborted();
      yield await source.read(at, COPY_BYTES);
    }
  } finally {
    source.close();
    await finish();
  }
}

export async function removeFile(appliance: Appliance, actor: Actor, id: string): Promise<void> {
  demand(actor, "delete");
  const removed = await appliance.repository.deleteFile(actor.spaceId, id, auditEntry(actor, "file.delete", id));
  if (!removed) throw noSuchFile(id);
  appliance.metrics.count("smallest_deleted_total");
  appliance.sweeper.wake();
}

async function find(appliance: Appliance, actor: Actor, id: string): Promise<StoredFile> {
  const file = await appliance.repository.file(actor.spaceId, id);
  if (!file) throw noSuchFile(id);
  return file;
}

function noSuchFile(id: string): Refusal {
  return new Refusal("not_found", `There is no file ${id.slice(0, 40)} in this space.`);
}

/** Damage is the one thing an operator must hear of: it is counted, audited and logged. */
async function noteDamage(appliance: Appliance, actor: Actor, file: StoredFile, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Refusal ? error.code : "internal";
  appliance.metrics.count("smallest_downloads_total", { outcome: code });
  if (code === "damaged") appliance.metrics.count("smallest_damaged_total");
  console.error(
    JSON.stringify({ event: "download_failed", uploadId: file.id, objectKey: file.objectKey, code, message }),
  );
  const failure = auditEntry(actor, "file.download", file.id, { outcome: code, details: { message } });
  await appliance.repository.audit(failure).catch(() => {});
}

async function note(appliance: Appliance, actor: Actor, action: AuditAction, target: string | null): Promise<void> {
  await appliance.repository.audit(auditEntry(actor, action, target));
}

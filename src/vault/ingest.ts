import { join } from "node:path";
import { parseParams } from "../codecs/registry";
import type { StoredFile } from "../database/repository";
import { Refusal } from "../errors";
import { demand } from "./access";
import type { Appliance } from "./appliance";
import { auditEntry } from "./audit";
import { type Chosen, choose, fingerprintOf, namedCodec, requireAutoQuery } from "./choose";
import { displayName, randomHex } from "./names";
import { type Packed, pack } from "./pack";
import { SpaceParts } from "./part-bin";
import { findRelative, type Relative, sketchUpload } from "./relatives";
import { diskRefusal } from "./spool";
import type { Actor, Spooled, UploadOptions, UploadPlan, UploadRequest } from "./vault";

const ID_DIGITS = 8;
const PACK_ATTEMPTS = 3;
/** Packing is nearly all of an upload's time; storing is the rest. */
const PACK_SHARE = 0.95;

/** Everything of a request that can be refused before the body is read. */
export async function planUpload(appliance: Appliance, actor: Actor, request: UploadRequest): Promise<UploadPlan> {
  demand(actor, "write");
  if (request.codec === "auto") requireAutoQuery(request.query);
  else parseParams(namedCodec(request.codec), request.query);
  await appliance.stores.require();
  await requireCredit(appliance, actor.spaceId);
  appliance.spool.requireRoom();
  return { codec: request.codec, query: request.query };
}

/** @throws Refusal `no_credits` */
export async function requireCredit(appliance: Appliance, spaceId: string): Promise<void> {
  const space = await appliance.repository.space(spaceId);
  if (space?.credits === 0) throw new Refusal("no_credits", "This space has no credits left.");
}

/**
 * Compresses, verifies, stores and commits. Until the commit an upload leaves nothing but objects that are
 * announced as reserved, which the sweeper removes; after it, it exists.
 */
export async function upload(
  appliance: Appliance,
  actor: Actor,
  plan: UploadPlan,
  spooled: Spooled,
  options: UploadOptions,
): Promise<StoredFile> {
  let codec = plan.codec;
  try {
    const chosen = await choose(plan, spooled, displayName(options.name));
    codec = chosen.codec.name;
    const file = await packAndCommit(appliance, actor, chosen, spooled, options);
    countUpload(appliance, file);
    return file;
  } catch (error) {
    const refusal = options.signal?.aborted
      ? new Refusal("aborted", "The upload was aborted.")
      : diskRefusal(error);
    await noteRefused(appliance, actor, codec, spooled, refusal);
    throw refusal;
  } finally {
    await spooled.discard();
  }
}

async function packAndCommit(
  appliance: Appliance,
  actor: Actor,
  chosen: Chosen,
  spooled: Spooled,
  options: UploadOptions,
): Promise<StoredFile> {
  const fingerprint = fingerprintOf(chosen, spooled.sha256);
  await refuseDuplicate(appliance, actor.spaceId, fingerprint);
  for (let attempt = 1; ; attempt++) {
    const { directory, discard } = await appliance.spool.workspace();
    try {
      const stored = await attemptStore(appliance, actor, { chosen, spooled, options, fingerprint, directory });
      if (stored) return stored;
    } finally {
      await discard();
      appliance.sweeper.wake();
    }
    if (attempt === PACK_ATTEMPTS) throw new Refusal("conflict", "Shared parts kept vanishing; try again.");
  }
}

interface Attempt {
  chosen: Chosen;
  spooled: Spooled;
  options: UploadOptions;
  fingerprint: string;
  /** For the files of this attempt alone. */
  directory: string;
}

/** One attempt; null when a shared part was deleted meanwhile, so that the archive must be made again. */
async function attemptStore(appliance: Appliance, actor: Actor, attempt: Attempt): Promise<StoredFile | null> {
  const { repository, stores } = appliance;
  const started = performance.now();
  const createdAt = new Date();
  const id = await freshId(appliance);
  const sketch = await sketchUpload(attempt.chosen, attempt.spooled);
  const relative = await findRelative(appliance, actor.spaceId, sketch, attempt.directory);
  const parts = new SpaceParts(appliance, actor.spaceId, {
    relative: relative?.file,
    signal: attempt.options.signal,
  });
  const reserved: string[] = [];
  try {
    const out = join(attempt.directory, "archive.smz");
    const packed = await packUpload(appliance, actor, attempt, { id, out, parts, relative, createdAt });
    const objectKey = `archives/${await sha256OfFile(out)}.smz`;
    await repository.reserveObjects(appliance.instance, [objectKey], new Date());
    reserved.push(objectKey);
    await (await stores.require()).putFile(objectKey, out, attempt.options.signal);
    attempt.options.signal?.throwIfAborted();
    const compressionTimeMs = Math.round(performance.now() - started);
    const file = describeFile({ ...attempt, id, actor, packed, parts, objectKey, compressionTimeMs, createdAt });
    if (await commit(appliance, actor, file, { parts, packed, sketch })) return file;
  } catch (error) {
    await repository.abandonObjects([...reserved, ...parts.reserved]);
    throw error;
  }
  await repository.abandonObjects([...reserved, ...parts.reserved]);
  return null;
}

async function packUpload(
  { engine, metrics }: Appliance,
  actor: Actor,
  { chosen, spooled, options, directory }: Attempt,
  made: { id: string; out: string; parts: SpaceParts; relative?: Relative; createdAt: Date },
): Promise<Packed> {
  const { id, out, parts, relative, createdAt } = made;
  const packed = await pack(engine, {
    path: spooled.path,
    size: spooled.size,
    sha256: spooled.sha256,
    name: chosen.request.name,
    codec: chosen.codec,
    request: relative
      ? { ...chosen.request, base: { path: relative.path, archiveBytes: relative.file.objectBytes } }
      : chosen.request,
    scratch: directory,
    out,
    parts,
    createdAt: createdAt.getTime(),
    labels: { uploadId: id, space: actor.spaceId },
    signal: options.signal,
    onProgress: (fraction) => options.onProgress?.(fraction * PACK_SHARE),
  });
  if (packed.fallbacks > 0) {
    metrics.count("smallest_fallback_segments_total", { codec: chosen.codec.name }, packed.fallbacks);
  }
  return packed;
}

/** True when the upload exists now, false when a part that it needs was deleted meanwhile. */
async function commit(
  { repository }: Appliance,
  actor: Actor,
  file: StoredFile,
  { parts, packed, sketch }: { parts: SpaceParts; packed: Packed; sketch: readonly number[] },
): Promise<boolean> {
  const { codec, format, originalBytes, sha256 } = file;
  const committed = await repository.commitUpload({
    file,
    newParts: parts.added,
    adoptedParts: parts.adopted,
    newExcerpts: parts.excerpts(),
    usedParts: packed.usedParts,
    // A part has no parts of its own, so only a file without any can be another one's base.
    sketch: packed.usedParts.length === 0 && packed.lossless ? sketch : [],
    audit: auditEntry(actor, "file.upload", file.id, { details: { codec, format, originalBytes, sha256 } }),
  });
  switch (committed.outcome) {
    case "stored":
      return true;
    case "part_gone":
      return false;
    case "duplicate":
      throw duplicateOf(committed.uploadId);
    case "no_credits":
      throw new Refusal("no_credits", "This space has no credits left.");
    case "quota_exceeded":
      throw new Refusal("quota_exceeded", "This space has reached its storage quota; nothing was stored.");
  }
}

function describeFile(made: {
  id: string;
  actor: Actor;
  chosen: Chosen;
  spooled: Spooled;
  packed: Packed;
  parts: SpaceParts;
  objectKey: string;
  compressionTimeMs: number;
  createdAt: Date;
  fingerprint: string;
}): StoredFile {
  const { chosen, spooled, packed } = made;
  const partBytes = made.parts.added.reduce((sum, part) => sum + part.objectBytes, 0);
  return {
    id: made.id,
    spaceId: made.actor.spaceId,
    name: chosen.request.name,
    codec: chosen.codec.name,
    format: chosen.format.name,
    level: chosen.request.level,
    params: { ...chosen.request.params },
    lossless: packed.lossless,
    originalBytes: spooled.size,
    sha256: spooled.sha256,
    contentBytes: packed.contentBytes,
    contentSha256: packed.contentSha256,
    mediaType: chosen.format.mediaType,
    compressedBytes: packed.archiveBytes + partBytes,
    objectKey: made.objectKey,
    objectBytes: packed.archiveBytes,
    compressionTimeMs: made.compressionTimeMs,
    report: { ...packed.report, ...sharedReport(made.parts) },
    fingerprint: made.fingerprint,
    createdAt: made.createdAt,
    accessedAt: null,
  };
}

/** What the file has in common with others of its space; nothing when it has nothing. */
function sharedReport({ shared }: SpaceParts): Record<string, number> {
  return shared.bytes === 0 ? {} : { sharedBytes: shared.bytes, sharedSavedBytes: shared.saved };
}

async function refuseDuplicate(appliance: Appliance, spaceId: string, fingerprint: string): Promise<void> {
  const same = await appliance.repository.fileByFingerprint(spaceId, fingerprint);
  if (same) throw duplicateOf(same.id);
}

function duplicateOf(uploadId: string): Refusal {
  return new Refusal("duplicate", `This file is stored already as ${uploadId}.`, { uploadId });
}

/** Eight digits, more once those get crowded. */
async function freshId(appliance: Appliance): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const id = randomHex(ID_DIGITS + 2 * Math.floor(attempt / 4));
    if (!(await appliance.repository.fileIdTaken(id))) return id;
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

function countUpload({ metrics }: Appliance, file: StoredFile): void {
  const labels = { codec: file.codec };
  metrics.count("smallest_uploads_total", { ...labels, outcome: "ok" });
  metrics.count("smallest_upload_bytes_total", labels, file.originalBytes);
  metrics.count("smallest_stored_bytes_total", labels, file.compressedBytes);
  metrics.count("smallest_compression_seconds_total", labels, file.compressionTimeMs / 1000);
}

async function noteRefused(
  { metrics, repository }: Appliance,
  actor: Actor,
  codec: string,
  spooled: Spooled,
  error: unknown,
): Promise<void> {
  const outcome = error instanceof Refusal ? error.code : "internal";
  metrics.count("smallest_uploads_total", { codec, outcome });
  const details = { codec, originalBytes: spooled.size, sha256: spooled.sha256 };
  await repository.audit(auditEntry(actor, "file.upload", null, { outcome, details })).catch(() => {});
}

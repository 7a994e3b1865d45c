import type { ApiKey, AuditEntry, Job, Space, StoredFile, Usage } from "../database/repository";

/** A stored file as the API shows it: the answer of an upload, a row of the list, the metadata. */
export function fileBody(file: StoredFile) {
  const ratio = file.compressedBytes / file.originalBytes;
  return {
    uploadId: file.id,
    originalFilename: file.name,
    originalBytes: file.originalBytes,
    compressedBytes: file.compressedBytes,
    ratio: Number(ratio.toFixed(4)),
    savings: savings(ratio),
    codec: file.codec,
    format: file.format,
    level: file.level,
    params: file.params,
    lossless: file.lossless,
    // A file exists only once it was decoded and compared.
    verified: true,
    sha256: file.sha256,
    contentBytes: file.contentBytes,
    contentSha256: file.contentSha256,
    mediaType: file.mediaType,
    report: file.report,
    compressionTimeMs: file.compressionTimeMs,
    createdAt: time(file.createdAt),
    accessedAt: time(file.accessedAt),
  };
}

/** Percent of the original, to one place; never a minus before a zero. */
function savings(ratio: number): string {
  return `${((1 - ratio) * 100).toFixed(1).replace(/^-0\.0$/, "0.0")}%`;
}

export function keyBody(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    createdAt: time(key.createdAt),
    expiresAt: time(key.expiresAt),
    lastUsedAt: time(key.lastUsedAt),
    revokedAt: time(key.revokedAt),
  };
}

/** A key with its secret, which is shown this once. */
export function newKeyBody({ key, row }: { key: string; row: ApiKey }) {
  return { key, ...keyBody(row) };
}

export function spaceBody(space: Space & { usage: Usage }) {
  const { id, name, credits, quotaBytes, createdAt, usage } = space;
  return { id, name, credits, quotaBytes, createdAt: time(createdAt), usage };
}

export function auditBody(entry: AuditEntry) {
  const { at, actor, action, target, origin, outcome, details } = entry;
  return { at: at.toISOString(), actor, action, target, origin, outcome, details };
}

/** A background upload: the 201's body or the error once it is settled. */
export function jobBody(job: Job) {
  const settled = job.state === "running" ? {} : { status: job.status };
  const outcome =
    job.state === "done" ? { result: job.result } : job.state === "failed" ? { error: job.result } : {};
  return {
    id: job.id,
    state: job.state,
    progress: job.progress,
    createdAt: time(job.createdAt),
    updatedAt: time(job.updatedAt),
    ...settled,
    ...outcome,
  };
}

/** ISO 8601 in UTC, to the second as the API's documentation shows it. */
function time(date: Date): string;
function time(date: Date | null): string | null;
function time(date: Date | null): string | null {
  return date === null ? null : date.toISOString().replace(/\.\d+Z$/, "Z");
}

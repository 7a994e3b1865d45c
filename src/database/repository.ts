import type { Level } from "../graph/plan";

/** What a key may do. */
export type Scope = "read" | "write" | "delete" | "admin";

/** A tenant: keys, files, parts and credits belong to one. */
export interface Space {
  id: string;
  name: string;
  /** Successful uploads and compress calls left; null is without limit. */
  credits: number | null;
  /** Compressed bytes allowed; null is without limit. */
  quotaBytes: number | null;
  createdAt: Date;
}

export interface ApiKey {
  id: string;
  spaceId: string;
  name: string;
  /** The first characters of the key, so that a person can tell keys apart. */
  prefix: string;
  /** SHA-256 of the key, lower-case hex. The key itself is never stored. */
  hash: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface StoredFile {
  /** The `uploadId`. */
  id: string;
  spaceId: string;
  /** Display name: no path, no control characters. */
  name: string;
  codec: string;
  format: string;
  level: Level;
  params: Record<string, unknown>;
  lossless: boolean;
  /** Bytes and SHA-256 (hex) of the upload. */
  originalBytes: number;
  sha256: string;
  /** Bytes and SHA-256 (hex) of the download; the same unless the codec was asked to lose something. */
  contentBytes: number;
  contentSha256: string;
  mediaType: string;
  /** What this upload added to the store: its archive and the parts that were new. */
  compressedBytes: number;
  /** Where the archive is, and its own length. */
  objectKey: string;
  objectBytes: number;
  compressionTimeMs: number;
  /** The codec's findings: an achieved SNR, how much was shared. */
  report: Record<string, string | number | boolean>;
  /** Space-wide identity of (content, codec, format, level, params): the duplicate check. */
  fingerprint: string;
  createdAt: Date;
  accessedAt: Date | null;
}

/** Shared content, stored as an archive of its own. */
export interface Part {
  spaceId: string;
  sha256: string;
  bytes: number;
  objectKey: string;
  objectBytes: number;
  /** SHA-256 of the part that must be decoded before this one can be. Files that use this one use that one, too. */
  prior: string | null;
  createdAt: Date;
}

/** A text within a part's content that another file may hold, too. */
export interface Excerpt {
  spaceId: string;
  hash: string;
  /** The part's. */
  sha256: string;
  /** Of its first byte in the part's content. */
  start: number;
  bytes: number;
}

export interface AuditEntry {
  at: Date;
  spaceId: string | null;
  /** Key id, `cli`, `system` or `anonymous`. */
  actor: string;
  /** `file.upload`, `file.download`, `key.create`... */
  action: string;
  /** What it was done to: an upload id, a key id. */
  target: string | null;
  /** Client address. */
  origin: string | null;
  /** `ok` or the refusal's code. */
  outcome: string;
  details: Record<string, unknown> | null;
}

export interface Job {
  id: string;
  spaceId: string;
  state: "running" | "done" | "failed";
  /** 0 to 1. */
  progress: number;
  /** The 201 body once done, the error body once failed. */
  result: Record<string, unknown> | null;
  /** Status that the synchronous call would have answered with. */
  status: number | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface FileQuery {
  limit: number;
  offset: number;
  codec?: string;
  /** Case-insensitive substring of the name. */
  q?: string;
  before?: Date;
  after?: Date;
}

export interface Usage {
  totalFiles: number;
  totalOriginalBytes: number;
  totalCompressedBytes: number;
}

export type CommitOutcome =
  | { outcome: "stored" }
  | { outcome: "duplicate"; uploadId: string }
  /** A part that the archive refers to was removed meanwhile: pack again. */
  | { outcome: "part_gone"; sha256: string }
  | { outcome: "no_credits" }
  | { outcome: "quota_exceeded" };

/**
 * Everything the appliance remembers. One implementation per dialect behind it, the same behaviour in both.
 * Methods that change several rows do so in one transaction.
 */
export interface Repository {
  readonly dialect: "sqlite" | "postgres";

  createSpace(space: Space): Promise<void>;
  spaces(): Promise<Space[]>;
  space(id: string): Promise<Space | null>;
  updateSpace(id: string, change: Partial<Pick<Space, "name" | "credits" | "quotaBytes">>): Promise<Space | null>;
  /** Takes one credit; false when there is none. Spaces without limit always have one. */
  spendCredit(spaceId: string): Promise<boolean>;

  createKey(key: ApiKey): Promise<void>;
  keyByHash(hash: string): Promise<ApiKey | null>;
  keys(spaceId: string): Promise<ApiKey[]>;
  updateKey(
    spaceId: string,
    id: string,
    change: Partial<Pick<ApiKey, "lastUsedAt" | "revokedAt" | "expiresAt">>,
  ): Promise<ApiKey | null>;
  /** Revokes `id` at `now` and creates its successor, at once. False when `id` is not a live key of the space. */
  rotateKey(spaceId: string, id: string, successor: ApiKey, now: Date): Promise<boolean>;

  /**
   * Announces objects that are about to be put, so that a crash before the commit leaves a trace to sweep.
   * `owner` is the running instance.
   */
  reserveObjects(owner: string, objectKeys: readonly string[], now: Date): Promise<void>;
  /** Turns reservations into garbage: the upload that announced these objects failed. */
  abandonObjects(objectKeys: readonly string[]): Promise<void>;
  /** Makes an upload exist: duplicate check, credit, quota, file, new parts, part uses, reservations, audit. */
  commitUpload(upload: {
    file: StoredFile;
    /** Parts that this upload stored; one that another upload stored meanwhile is dropped, its object to garbage. */
    newParts: readonly Part[];
    /**
     * Objects of files of this space that are to be parts as well. One whose file is gone, and which is no part yet,
     * counts as a part that is gone.
     */
    adoptedParts?: readonly Part[];
    /** Texts in the new parts; of equal ones the first stays. */
    newExcerpts?: readonly Excerpt[];
    /** SHA-256 of every part that the archive refers to. One whose prior does not stand before it counts as gone. */
    usedParts: readonly string[];
    /** Features by which similar files find this one; it must not use parts. */
    sketch?: readonly number[];
    audit: AuditEntry;
  }): Promise<CommitOutcome>;
  fileByFingerprint(spaceId: string, fingerprint: string): Promise<StoredFile | null>;
  file(spaceId: string, id: string): Promise<StoredFile | null>;
  /** A file of this codec with this content, the newest. */
  fileByContent(spaceId: string, codec: string, contentSha256: string): Promise<StoredFile | null>;
  /** The file whose sketch shares most features with this one, the newest of several, and how many they share. */
  mostSimilar(spaceId: string, sketch: readonly number[]): Promise<{ file: StoredFile; shared: number } | null>;
  fileIdTaken(id: string): Promise<boolean>;
  /** Newest first, ties by id. */
  files(spaceId: string, query: FileQuery): Promise<{ files: StoredFile[]; usage: Usage }>;
  /** Every file of every space in a stable order, for scrubbing: those after `afterId`. */
  filesAfter(afterId: string | null, limit: number): Promise<StoredFile[]>;
  touchFile(spaceId: string, id: string, at: Date): Promise<void>;
  /** Forgets a file and those of its parts that no other file uses; their objects become garbage. */
  deleteFile(spaceId: string, id: string, audit: AuditEntry): Promise<boolean>;

  part(spaceId: string, sha256: string): Promise<Part | null>;
  /** The part that a file uses whose SHA-256 begins so. @param hash hex digits */
  partOfFile(fileId: string, hash: string): Promise<Part | null>;
  /** Those of these parts that have a prior. */
  primedParts(spaceId: string, hashes: readonly string[]): Promise<Part[]>;
  /** The largest part within these bounds that has excerpts and no prior. */
  largestText(spaceId: string, bounds: { least: number; most: number }): Promise<Part | null>;
  /** Those of the space's excerpts that have one of the hashes. */
  excerpts(spaceId: string, hashes: readonly string[]): Promise<Excerpt[]>;
  /**
   * Objects that nothing refers to, oldest first: garbage, and reservations that are older than `staleBefore` or
   * belong to another owner than `owner` (null where several instances live on one database).
   */
  garbage(owner: string | null, staleBefore: Date, limit: number): Promise<string[]>;
  /** Every object that files and parts refer to, by key: those after `afterKey`. */
  liveObjects(afterKey: string | null, limit: number): Promise<{ key: string; bytes: number }[]>;
  /** Forgets that these objects were garbage: they are gone from the store. */
  forgetGarbage(objectKeys: readonly string[]): Promise<void>;

  createJob(job: Job): Promise<void>;
  updateJob(
    id: string,
    change: Partial<Pick<Job, "state" | "progress" | "result" | "status">>,
    now: Date,
  ): Promise<void>;
  job(spaceId: string, id: string): Promise<Job | null>;
  /** Marks the running jobs of a dead instance as failed; returns how many. */
  failRunningJobs(result: Record<string, unknown>, status: number, now: Date): Promise<number>;

  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string | null): Promise<void>;
  /** Removes a setting if it still has this value; true for exactly one of several callers (one-time tokens). */
  takeSetting(name: string, value: string): Promise<boolean>;

  audit(entry: AuditEntry): Promise<void>;
  auditTrail(query: { spaceId?: string; before?: Date; limit: number }): Promise<AuditEntry[]>;

  /** Answers when the database does. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

import type { Readable } from "node:stream";
import type { ApiKey, AuditEntry, FileQuery, Job, Scope, Space, StoredFile, Usage } from "../database/repository";
import type { StorageSettings } from "../storage/settings";

export type { StorageSettings };

/** Who asks, as established from the key before anything else happens. */
export interface Actor {
  /** Key id, or `cli`. */
  readonly id: string;
  readonly spaceId: string;
  readonly scopes: readonly Scope[];
  /** Client address, for the audit trail. */
  readonly origin: string | null;
}

/** What the caller asked for, before any byte of the body was read. Strings as they came in. */
export interface UploadRequest {
  /** A codec name or `auto`. */
  readonly codec: string;
  /** Query parameters except `filename`: `format`, `level` and the codec's own. */
  readonly query: Readonly<Record<string, string>>;
}

/** A validated request: proof that nothing but the content can still be wrong. Opaque outside the vault. */
export interface UploadPlan {
  readonly codec: string;
  readonly query: Readonly<Record<string, string>>;
}

/** Received bytes, on disk, hashed. */
export interface Spooled {
  readonly path: string;
  readonly size: number;
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  /** Removes the file; safe to call twice. */
  discard(): Promise<void>;
}

export interface UploadOptions {
  readonly name: string;
  readonly signal?: AbortSignal;
  /** 0 to 1. */
  onProgress?(progress: number): void;
}

/** What `GET /api/events` sends. */
export interface UploadEvent {
  /** The job's id; the upload id once done. */
  readonly id: string;
  readonly state: "running" | "done" | "failed";
  readonly progress: number;
  readonly name: string;
  readonly uploadId?: string;
  readonly error?: { error: string; code: string };
}

export interface Download {
  readonly file: StoredFile;
  /** The bytes `[start, end)` of the content, every block checked before it is yielded. Reading notes the access. */
  stream(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface Readiness {
  ready: boolean;
  storage: string;
  database: string;
  workers: string;
}

/** What the appliance does, free of HTTP. Every method that can be refused throws a `Refusal`. */
export interface Vault {
  // ingest
  /** Checks codec, parameters, credits and storage; the body need not have been read. */
  planUpload(actor: Actor, request: UploadRequest): Promise<UploadPlan>;
  /**
   * Writes a body to the spool and hashes it. The file is gone again when this throws.
   * @throws Refusal `too_large`, `aborted`, `disk_full`, `busy`
   */
  spool(body: AsyncIterable<Uint8Array> | Readable, limit: number, signal?: AbortSignal): Promise<Spooled>;
  /** Compresses, verifies, stores and commits; discards the spooled file in every case. */
  upload(actor: Actor, plan: UploadPlan, spooled: Spooled, options: UploadOptions): Promise<StoredFile>;
  /** The same in the background; the job's `result` and `status` are what the call would have answered. */
  uploadLater(
    actor: Actor,
    plan: UploadPlan,
    spooled: Spooled,
    options: Omit<UploadOptions, "signal" | "onProgress">,
    /** The answer's body, kept with the job. */
    present: (file: StoredFile) => Record<string, unknown>,
  ): Promise<Job>;
  job(actor: Actor, id: string): Promise<Job>;
  /** Running uploads of the actor's space, as they progress, until `signal` aborts. */
  events(actor: Actor, signal: AbortSignal): AsyncIterable<UploadEvent>;

  // retrieve
  files(actor: Actor, query: FileQuery): Promise<{ files: StoredFile[]; usage: Usage }>;
  file(actor: Actor, id: string): Promise<StoredFile>;
  download(actor: Actor, id: string): Promise<Download>;
  /** The content of a web asset of the actor's space by its SHA-256; null when there is none of at most `limit` bytes. */
  contentBySha256(actor: Actor, sha256: string, limit: number): Promise<Uint8Array | null>;
  /** The archive itself, self-contained: shared parts are put into it. */
  archive(
    actor: Actor,
    id: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; size: number; stream: AsyncIterable<Uint8Array> }>;
  remove(actor: Actor, id: string): Promise<void>;

  // administration
  /** Resolves the key of a request. @throws Refusal `unauthorized` */
  authenticate(presentedKey: string | null, origin: string | null): Promise<Actor>;
  createKey(
    actor: Actor,
    wish: { name: string; scopes?: Scope[]; expiresAt?: Date | null },
  ): Promise<{ key: string; row: ApiKey }>;
  keys(actor: Actor): Promise<ApiKey[]>;
  revokeKey(actor: Actor, id: string): Promise<ApiKey>;
  rotateKey(actor: Actor, id: string): Promise<{ key: string; row: ApiKey }>;
  /** Exchanges the one-time setup token for a key of all scopes; a token works once. */
  redeemSetup(token: string, origin: string | null): Promise<{ key: string; row: ApiKey }>;
  space(actor: Actor): Promise<Space & { usage: Usage }>;
  /** Without its secret. */
  storage(actor: Actor): Promise<StorageSettings>;
  /** Tests the new storage, then uses it from now on. */
  setStorage(actor: Actor, settings: StorageSettings): Promise<StorageSettings>;
  testStorage(actor: Actor): Promise<void>;
  auditTrail(actor: Actor, query: { before?: Date; limit: number }): Promise<AuditEntry[]>;
  /**
   * Ends a call that keeps nothing (`/api/compress`): notes its outcome, and takes one credit for a success.
   * @param error why it failed; absent when it did not
   * @throws Refusal `no_credits`
   */
  endMedia(
    actor: Actor,
    work: { kind: "image" | "video"; originalBytes: number; compressedBytes?: number },
    error?: unknown,
  ): Promise<void>;
  /** @throws Refusal `no_credits` */
  requireCredit(actor: Actor): Promise<void>;

  // running
  readiness(): Promise<Readiness>;
  /** Prometheus text: uploads, bytes, fallbacks, workers, seconds. */
  metrics(): Promise<string>;
  /** Waits for running work, at most `graceMs`, then stops. */
  close(graceMs?: number): Promise<void>;
}

import { tmpdir } from "node:os";
import { addAbortSignal, type Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { Refusal } from "../errors";
import { checkAborted, checkKey, checkRange, missing, tooShort } from "./arguments";
import type { ObjectStore, StoredObject } from "./object-store";
import { probe } from "./probe";
import { ATTEMPTS, type CallOptions, S3Connection, type S3Settings } from "./s3-connection";
import { failureCode, failureStatus } from "./s3-errors";
import { uploadFile } from "./s3-upload";

/** Objects in a bucket of Amazon S3 or of a server that speaks its protocol. */
export class S3Store implements ObjectStore {
  readonly kind = "s3";
  readonly #connection: S3Connection;
  readonly #prefix: string;
  readonly #pageSize: number;

  /** `pageSize`: how many objects a request for a listing asks for; S3 gives at most 1000. */
  constructor(settings: S3Settings, pageSize = 1000) {
    this.#connection = new S3Connection(settings);
    this.#prefix = asFolder(settings.prefix);
    this.#pageSize = pageSize;
  }

  async putFile(key: string, path: string, signal?: AbortSignal): Promise<void> {
    const sent = await uploadFile(this.#connection, this.#name(key), path, signal);
    const stored = await this.size(key);
    if (stored === sent) return;
    await this.remove(key);
    throw new Refusal("storage_unavailable", `S3 was sent ${sent} bytes but has ${stored ?? "none"}; try again.`);
  }

  async read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkKey(key);
    checkRange(offset, length);
    checkAborted(signal);
    // HTTP has no empty ranges.
    if (length === 0) return this.#readNothing(key, offset);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const bytes = await this.#connection.call(
        (options) => this.#readOnce(key, offset, length, options),
        length,
        signal,
      );
      if (bytes) return bytes;
    }
    throw new Refusal("storage_unavailable", "The connection to S3 keeps breaking off; check the network.");
  }

  async size(key: string): Promise<number | null> {
    const { client, bucket: Bucket } = this.#connection;
    const head = new HeadObjectCommand({ Bucket, Key: this.#name(key) });
    const answer = await this.#connection.call((options) =>
      client.send(head, options).catch(onStatus([404], null)),
    );
    if (answer) return answer.ContentLength ?? 0;
    await this.#requireBucket();
    return null;
  }

  async remove(key: string): Promise<void> {
    const { client, bucket: Bucket } = this.#connection;
    const Key = this.#name(key);
    await this.#connection.call((options) => client.send(new DeleteObjectCommand({ Bucket, Key }), options));
    await this.#removeParts(Key);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const { client, bucket: Bucket } = this.#connection;
    const page = { Bucket, Prefix: this.#prefix + prefix, MaxKeys: this.#pageSize };
    let ContinuationToken: string | undefined;
    do {
      const list = new ListObjectsV2Command({ ...page, ContinuationToken });
      const answer = await this.#connection.call((options) => client.send(list, options));
      for (const { Key, Size, LastModified } of answer.Contents ?? []) {
        if (Key === undefined) continue;
        yield { key: Key.slice(this.#prefix.length), size: Size ?? 0, modifiedAt: LastModified ?? new Date(0) };
      }
      ContinuationToken = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (ContinuationToken);
  }

  check(): Promise<void> {
    return probe(this, tmpdir());
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #name(key: string): string {
    checkKey(key);
    return this.#prefix + key;
  }

  /** The range, or null when the connection broke off in the middle. */
  async #readOnce(key: string, offset: number, length: number, options: CallOptions): Promise<Uint8Array | null> {
    const { client, bucket: Bucket } = this.#connection;
    const end = offset + length;
    const get = new GetObjectCommand({ Bucket, Key: this.#name(key), Range: `bytes=${offset}-${end - 1}` });
    const answer = await client.send(get, options).catch((error) => {
      if (failureCode(error) === "NoSuchKey") throw missing(key);
      if (failureStatus(error) === 416) throw tooShort(key, end);
      throw error;
    });
    const body = answer.Body as Readable;
    const range = /^bytes (\d+)-(\d+)\//.exec(answer.ContentRange ?? "");
    const given = range ? Number(range[2]) + 1 : end;
    if (range && Number(range[1]) === offset && given === end) return collect(body, length, options.abortSignal);
    body.destroy();
    if (given < end) throw tooShort(key, end, given);
    throw new Refusal("storage_unavailable", "The S3 server ignores byte ranges; they are needed.");
  }

  async #readNothing(key: string, offset: number): Promise<Uint8Array> {
    const size = await this.size(key);
    if (size === null) throw missing(key);
    if (size < offset) throw tooShort(key, offset, size);
    return new Uint8Array(0);
  }

  /** A missing object and a missing bucket look the same to HEAD. */
  async #requireBucket(): Promise<void> {
    const { client, bucket: Bucket } = this.#connection;
    const head = new HeadBucketCommand({ Bucket });
    await this.#connection.call(async (options) => {
      if (await client.send(head, options).catch(onStatus([404], null))) return;
      throw Object.assign(new Error("HEAD found no bucket"), { name: "NoSuchBucket" });
    });
  }

  /** Takes back what a killed put left behind: parts that no one sees, but that take space. */
  async #removeParts(Key: string): Promise<void> {
    const { client, bucket: Bucket } = this.#connection;
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: Key });
    const answer = await this.#connection.call((options) =>
      // Servers without this call, and keys without the right to it, have their own rules for leftovers.
      client.send(list, options).catch(onStatus([403, 405, 501], null)),
    );
    for (const { UploadId } of answer?.Uploads?.filter((upload) => upload.Key === Key) ?? []) {
      const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await this.#connection.call((options) => client.send(abort, options).catch(onStatus([404], null)));
    }
  }
}

/** For answers that are no errors here: gives `instead` for these HTTP statuses. */
function onStatus<T>(statuses: readonly number[], instead: T): (error: unknown) => T {
  return (error) => {
    if (statuses.includes(failureStatus(error) ?? 0)) return instead;
    throw error;
  };
}

/** Fills a buffer from a body; null when it ends early or breaks off. */
async function collect(body: Readable, length: number, signal: AbortSignal): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  try {
    for await (const chunk of addAbortSignal(signal, body) as AsyncIterable<Uint8Array>) {
      if (filled + chunk.length > length) return null;
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
  } catch {
    signal.throwIfAborted();
    return null;
  }
  return filled === length ? bytes : null;
}

/** A prefix names a folder: no slash before it, one behind it. */
function asFolder(prefix: string): string {
  const name = prefix.replace(/^\/+|\/+$/g, "");
  return name === "" ? "" : `${name}/`;
}

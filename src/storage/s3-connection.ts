import { S3Client } from "@aws-sdk/client-s3";
import { checkAborted } from "./arguments";
import { type S3Place, s3Refusal } from "./s3-errors";
import type { StorageSettings } from "./settings";

export type S3Settings = Extract<StorageSettings, { kind: "s3" }> & { secretAccessKey: string };

/** How often a request is tried in all when the network or the server fails. */
export const ATTEMPTS = 3;

const CONNECT_MS = 4_000;

/** A call may take this long, and longer by its data at the slowest speed that is worth waiting for. */
const CALL_MS = 20_000;
const SLOWEST_BYTES_PER_MS = 32;

export interface CallOptions {
  abortSignal: AbortSignal;
}

/** One bucket of one server: the client, bounded in time, its failures explained. */
export class S3Connection {
  readonly client: S3Client;
  readonly bucket: string;
  readonly #place: S3Place;

  constructor(settings: S3Settings) {
    const { endpoint, region, pathStyle, accessKeyId, secretAccessKey } = settings;
    this.#place = settings;
    this.bucket = settings.bucket;
    this.client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      credentials: { accessKeyId, secretAccessKey },
      ...(endpoint === null ? {} : { endpoint }),
      // Checksums in trailers are more than many S3 servers understand; MD5 headers are understood by all.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      maxAttempts: ATTEMPTS,
      retryMode: "standard",
      requestHandler: { connectionTimeout: CONNECT_MS },
    });
  }

  /**
   * Runs `work` (requests with these options, and the reading of their bodies) in the time that `bytes` of data are
   * granted.
   * @throws Refusal `aborted`, and those of `s3Refusal`
   */
  async call<T>(work: (options: CallOptions) => Promise<T>, bytes = 0, signal?: AbortSignal): Promise<T> {
    checkAborted(signal);
    const deadline = AbortSignal.timeout(CALL_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));
    const abortSignal = signal ? AbortSignal.any([signal, deadline]) : deadline;
    try {
      return await work({ abortSignal });
    } catch (error) {
      checkAborted(signal);
      throw s3Refusal(deadline.aborted ? deadline.reason : error, this.#place);
    }
  }

  close(): void {
    this.client.destroy();
  }
}

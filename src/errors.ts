/**
 * The one vocabulary of refusals. Rooms below the server throw a {@link Refusal} with a stable code; the server
 * turns the code into a status, the command line into an exit code, and the OpenAPI document lists them all.
 */
export const REFUSALS = {
  // the request
  no_file: { status: 400, meaning: "The multipart body has no part named `file`." },
  empty_file: { status: 400, meaning: "The uploaded file has no bytes." },
  several_files: { status: 400, meaning: "More than one file part was sent; one upload stores one file." },
  bad_multipart: { status: 400, meaning: "The multipart body is malformed or ends early." },
  unknown_parameter: {
    status: 400,
    meaning: "A query parameter is not known here; `details.known` lists those that are.",
  },
  bad_parameter: { status: 400, meaning: "A parameter's value is out of range; the message names the range." },
  unknown_format: { status: 400, meaning: "The codec has no such format; `details.known` lists its formats." },
  format_mismatch: { status: 400, meaning: "The content is not what `?format=` says; the message names both." },
  wrong_type: { status: 400, meaning: "The content is not a file of this codec. The code is `not_<codec>`." },
  bad_request: { status: 400, meaning: "The request cannot be understood." },
  not_video: { status: 400, meaning: "The uploaded bytes hold no video stream that can be read." },
  not_jpeg: { status: 400, meaning: "The uploaded bytes are not a JPEG image." },
  unauthorized: { status: 401, meaning: "The `x-api-key` header is missing, unknown, expired or revoked." },
  no_credits: { status: 402, meaning: "The space has no credits left." },
  forbidden: { status: 403, meaning: "The key lacks the scope that this call needs." },
  unknown_codec: { status: 404, meaning: "There is no such codec; `details.known` lists them." },
  not_found: { status: 404, meaning: "No such file, upload, key or page in this space." },
  method_not_allowed: { status: 405, meaning: "The path exists, but not with this method." },
  duplicate: { status: 409, meaning: "The same file is stored already; `uploadId` names it." },
  conflict: { status: 409, meaning: "The call contradicts the present state; the message says how." },
  too_large: { status: 413, meaning: "The body is larger than the limit that the message names." },
  unsupported_media_type: { status: 415, meaning: "The body is neither multipart/form-data nor a raw file." },
  range_not_satisfiable: { status: 416, meaning: "The requested range lies outside the file." },
  headers_too_large: { status: 431, meaning: "The request's headers are longer than the server reads." },
  rate_limited: { status: 429, meaning: "Too many requests; `Retry-After` says when to come back." },
  aborted: { status: 499, meaning: "The client went away; nothing was kept." },
  // our side
  internal: { status: 500, meaning: "Something failed here; the log has the request id." },
  compression_failed: { status: 500, meaning: "The file could not be stored exactly; nothing was kept." },
  damaged: { status: 500, meaning: "A stored archive is damaged; the message says where." },
  engine_unavailable: { status: 501, meaning: "This installation has no engine for the requested media work." },
  storage_not_configured: { status: 503, meaning: "No storage is configured yet." },
  storage_unavailable: { status: 503, meaning: "The storage cannot be reached." },
  shutting_down: { status: 503, meaning: "The server is shutting down." },
  busy: { status: 503, meaning: "Too much work is waiting; try again shortly." },
  disk_full: { status: 507, meaning: "The disk of the server is full." },
  quota_exceeded: { status: 507, meaning: "The space has reached its quota." },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type RefusalKind = keyof typeof REFUSALS;

/** A refusal that a person can act on. `code` is what callers see; it differs from `kind` only for `not_<codec>`. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly kind: RefusalKind,
    message: string,
    readonly details?: Record<string, unknown>,
    readonly code: string = kind,
  ) {
    super(message);
  }

  get status(): number {
    return REFUSALS[this.kind].status;
  }

  /** The plain form that crosses a worker boundary; {@link Refusal.revive} is its inverse. */
  toJSON(): RefusalJSON {
    return { kind: this.kind, message: this.message, details: this.details, code: this.code };
  }

  static revive(json: RefusalJSON): Refusal {
    return new Refusal(json.kind, json.message, json.details, json.code);
  }
}

/** An error as the API shows it. */
export interface ErrorBody {
  /** One sentence a person can act on. */
  error: string;
  code: string;
  /** Of a duplicate: the file that is stored already. */
  uploadId?: unknown;
  details?: Record<string, unknown>;
}

/** What is no {@link Refusal} shows nothing of its inside. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof Refusal)) return { error: REFUSALS.internal.meaning, code: "internal" };
  const { uploadId, ...details } = error.details ?? {};
  return {
    error: error.message,
    code: error.code,
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

export interface RefusalJSON {
  kind: RefusalKind;
  message: string;
  details?: Record<string, unknown>;
  code: string;
}

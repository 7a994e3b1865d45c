import { Refusal } from "../errors";

/** The part of the S3 settings that helps a person to find the mistake. */
export interface S3Place {
  /** Null is Amazon's own. */
  endpoint: string | null;
  region: string;
  bucket: string;
  accessKeyId: string;
}

interface S3Failure {
  name?: string;
  /** A number in the errors of browsers' interfaces, which says no more than the name. */
  code?: string | number;
  $metadata?: { httpStatusCode?: number };
}

/** The error code of an S3 answer (`NoSuchKey`) or of the system (`ECONNREFUSED`). */
export function failureCode(error: unknown): string {
  const { name, code } = (error ?? {}) as S3Failure;
  return (typeof code === "string" ? code : name) ?? "Error";
}

/** The HTTP status of an S3 answer; undefined when there was none. */
export function failureStatus(error: unknown): number | undefined {
  return (error as S3Failure | null)?.$metadata?.httpStatusCode;
}

/** Turns what the client threw into a sentence that a person can act on. */
export function s3Refusal(error: unknown, place: S3Place): Refusal {
  if (error instanceof Refusal) return error;
  const code = failureCode(error);
  const status = failureStatus(error);
  const details = { cause: code, ...(status === undefined ? {} : { status }) };
  const full = FULL.has(code) || status === 507;
  if (full) return new Refusal("disk_full", "The S3 storage has no space left or its quota is used up.", details);
  const message =
    ANSWERS[code]?.(place) ?? STATUSES[status ?? 0]?.(place) ?? NETWORK[code]?.(place) ?? other(error, place);
  return new Refusal("storage_unavailable", message, details);
}

const FULL = new Set(["QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "InsufficientCapacity"]);

type Sentence = (place: S3Place) => string;

const wrongRegion: Sentence = ({ bucket, region }) =>
  `The S3 bucket "${bucket}" is not in the region "${region}"; correct the region in the storage settings.`;

const wrongKey: Sentence = ({ accessKeyId }) =>
  `S3 does not know the access key "${accessKeyId}"; check the access key id in the storage settings.`;

const forbidden: Sentence = ({ bucket, accessKeyId }) =>
  `S3 denies the key "${accessKeyId}" access to the bucket "${bucket}"; allow it to read, write, list and delete.`;

const ANSWERS: Record<string, Sentence> = {
  InvalidAccessKeyId: wrongKey,
  SignatureDoesNotMatch: ({ accessKeyId }) =>
    `S3 rejects the secret of the access key "${accessKeyId}"; enter the secret again in the storage settings.`,
  AccessDenied: forbidden,
  AllAccessDisabled: forbidden,
  AccountProblem: forbidden,
  NoSuchBucket: ({ bucket }) =>
    `There is no S3 bucket "${bucket}"; create it or correct its name in the storage settings.`,
  InvalidBucketName: ({ bucket }) =>
    `"${bucket}" cannot be the name of an S3 bucket; correct it in the storage settings.`,
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  IllegalLocationConstraintException: wrongRegion,
  RequestTimeTooSkewed: () => "The clocks of this server and of S3 differ by minutes; set this server's clock.",
  BadDigest: () => "The data was damaged on its way to S3; try again, and check the network if that recurs.",
  SlowDown: () => "S3 asks for fewer requests; try again shortly.",
};

const STATUSES: Record<number, Sentence> = {
  301: wrongRegion,
  403: forbidden,
};

const refused: Sentence = (place) =>
  `No S3 server answers at ${address(place)}; check the address and that the server runs.`;

const unknownHost: Sentence = (place) =>
  `The host of ${address(place)} is unknown; check the S3 address and this server's name resolution.`;

const silent: Sentence = (place) => `The S3 server at ${address(place)} does not answer in time.`;

const broken: Sentence = (place) => `The connection to the S3 server at ${address(place)} broke off.`;

const untrusted: Sentence = (place) =>
  `The certificate of ${address(place)} is not trusted; name your authority's file in NODE_EXTRA_CA_CERTS.`;

const NETWORK: Record<string, Sentence> = {
  ECONNREFUSED: refused,
  ConnectionRefused: refused,
  EHOSTUNREACH: refused,
  ENETUNREACH: refused,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: silent,
  TimeoutError: silent,
  ECONNRESET: broken,
  ConnectionClosed: broken,
  EPIPE: broken,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted,
  CERT_HAS_EXPIRED: (place) => `The certificate of ${address(place)} has expired; renew it.`,
};

function other(error: unknown, place: S3Place): string {
  const status = failureStatus(error);
  const answer = status === undefined ? failureCode(error) : `status ${status}, ${failureCode(error)}`;
  return status === undefined || status < 500
    ? `${address(place)} does not answer as an S3 server does (${answer}); check the address.`
    : `The S3 server at ${address(place)} reports an error of its own (${answer}); try again later.`;
}

function address({ endpoint, region }: S3Place): string {
  return endpoint ?? `Amazon S3 in ${region}`;
}

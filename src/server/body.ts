import { Refusal } from "../errors";
import type { Spooled, Vault } from "../vault/vault";
import { dispositionName } from "./disposition";
import type { Exchange } from "./exchange";
import { type FilePart, readForm } from "./multipart";

/** Room for the multipart framing when a declared length is compared with the limit of a file. */
const FRAMING_BYTES = 64 << 10;
const STALLED_MS = 120_000;
const JSON_BYTES = 64 << 10;
const TEXT_TYPES = ["application/x-www-form-urlencoded", "application/json", "text/plain"];

export interface Reception {
  readonly vault: Pick<Vault, "spool">;
  /** Bytes of a file. */
  readonly limit: number;
  /** Milliseconds without a byte after which a sender is cut off. */
  readonly stalledMs?: number;
}

/**
 * Receives the file of an upload: the part `file` of a form, or the body itself.
 * @param filename name of a raw body, when the query gives it
 * @param refuseField throws for form fields that must not be overlooked
 * @throws Refusal `unsupported_media_type`, `too_large`, `empty_file` and those of {@link readForm}
 */
export async function receiveFile(
  request: Request,
  exchange: Exchange,
  reception: Reception,
  filename: string | undefined,
  refuseField?: (name: string) => void,
): Promise<Omit<FilePart, "field">> {
  refuseEncoded(request.headers);
  if (mediaType(request.headers) === "multipart/form-data") {
    return receiveForm(request, exchange, reception, ["file"], refuseField);
  }
  const name = filename ?? dispositionName(request.headers.get("content-disposition"));
  refuseUnlikelyRaw(request, name);
  requireLength(request.headers, reception.limit);
  return patiently(exchange, reception, async () => {
    const bytes = exchange.body.iterator({ destroyOnReturn: false });
    const spooled = await reception.vault.spool(bytes, reception.limit, exchange.signal);
    return requireBytes({ name: name ?? "", spooled });
  });
}

/** Receives the one file of a form. @throws Refusal as {@link receiveFile} */
export async function receiveForm(
  request: Request,
  exchange: Exchange,
  reception: Reception,
  fields: readonly string[],
  refuseField?: (name: string) => void,
): Promise<FilePart> {
  if (mediaType(request.headers) !== "multipart/form-data") {
    const names = fields.map((field) => `\`${field}\``).join(" or ");
    throw new Refusal("unsupported_media_type", `Send multipart/form-data with a file part named ${names}.`);
  }
  requireLength(request.headers, reception.limit, FRAMING_BYTES);
  const store = (part: AsyncIterable<Uint8Array>) => reception.vault.spool(part, reception.limit, exchange.signal);
  return patiently(exchange, reception, async () =>
    requireBytes(await readForm(exchange.body, fields, store, refuseField)),
  );
}

/** Reads a small JSON object. @throws Refusal `bad_request`, `too_large`, `unsupported_media_type` */
export async function readJson(request: Request, exchange: Exchange): Promise<Record<string, unknown>> {
  if (!/^application\/([\w.-]+\+)?json$/.test(mediaType(request.headers))) {
    throw new Refusal("unsupported_media_type", "Send the body as application/json.");
  }
  const bytes = await patiently(exchange, {}, () => collect(exchange, JSON_BYTES));
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return { ...value };
  } catch {}
  throw new Refusal("bad_request", "The body is not a JSON object.");
}

/** Cuts the connection of a sender that falls silent, while the body is read and no longer. */
async function patiently<T>(
  { body, invite }: Exchange,
  { stalledMs = STALLED_MS }: { stalledMs?: number },
  read: () => Promise<T>,
): Promise<T> {
  invite();
  body.setTimeout(stalledMs, () => body.destroy(new Refusal("aborted", "The upload stalled and was cut off.")));
  try {
    return await read();
  } finally {
    body.setTimeout(0);
  }
}

async function collect({ body }: Exchange, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Lower-case, without parameters; empty when there is none. */
function mediaType(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
}

/** Bytes are stored as they are sent, and a transfer's own compression is no part of a file. */
function refuseEncoded(headers: Headers): void {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") return;
  throw new Refusal("unsupported_media_type", "Send the file without Content-Encoding.");
}

/**
 * Any other body may be a file, but a form or a line of JSON that was sent here by mistake must not be stored as
 * one: those types need a name, which shows that a file is meant.
 */
function refuseUnlikelyRaw(request: Request, name: string | undefined): void {
  const type = mediaType(request.headers);
  const unlikely = type.startsWith("multipart/") || (TEXT_TYPES.includes(type) && name === undefined);
  if (!unlikely || request.headers.get("content-length") === "0") return;
  throw new Refusal(
    "unsupported_media_type",
    "Send multipart/form-data with a part `file`, or the file itself as application/octet-stream with ?filename=.",
  );
}

function requireLength(headers: Headers, limit: number, framing = 0): void {
  if (Number(headers.get("content-length")) > limit + framing) throw tooLarge(limit);
}

function tooLarge(limit: number): Refusal {
  return new Refusal("too_large", `The body is larger than the limit of ${limit} bytes.`, { limit });
}

async function requireBytes<T extends { spooled: Spooled }>(received: T): Promise<T> {
  if (received.spooled.size > 0) return received;
  await received.spooled.discard();
  throw new Refusal("empty_file", "The file is empty.");
}

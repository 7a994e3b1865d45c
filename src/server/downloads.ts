import { Elysia } from "elysia";
import type { StoredFile } from "../database/repository";
import type { Actor } from "../vault/vault";
import {
  availableDictionary,
  type ContentCoding,
  chooseCoding,
  coded,
  MAX_DICTIONARY_BYTES,
  type TransportDictionary,
} from "./content-coding";
import { attachment } from "./disposition";
import type { Exchange } from "./exchange";
import type { Gate } from "./gate";
import { identifier } from "./identifier";
import { binaryAnswer, operation } from "./operation";
import { isNotModified, type Representation, selectRange } from "./preconditions";
import { readQuery } from "./query";
import type { Services } from "./services";
import { flowing } from "./stream";

const DOWNLOAD = {
  tag: "Files",
  summary: "Download a file",
  description:
    "The original bytes (with `X-Compression-Lossy: 1` where the codec was asked to lose something). Every block is " +
    "checked before its bytes leave; damage found midway ends the transfer short. `HEAD`, a single `Range`, " +
    "`If-Range` and `If-None-Match` work as RFC 9110 says; the `ETag` is the SHA-256 of the file. Web assets travel as " +
    "`br` or `zstd` where `Accept-Encoding` allows it, and as `dcb` or `dcz` (RFC 9842) where `Available-Dictionary` " +
    "names another asset of the space; the `ETag` then ends in the coding's name.",
  scope: "read",
  answers: {
    200: binaryAnswer("The file."),
    206: binaryAnswer("The part that `Range` asks for."),
    304: { description: "The client has these bytes already." },
  },
  refusals: ["not_found", "range_not_satisfiable", "damaged", "storage_not_configured", "storage_unavailable"],
} as const;

const ARCHIVE = {
  tag: "Files",
  summary: "Download the compressed archive itself",
  description: "Decodes anywhere with `smallest decompress`, without server and database.",
  scope: "read",
  answers: { 200: binaryAnswer("The archive.") },
  refusals: ["not_found", "damaged", "storage_not_configured", "storage_unavailable"],
} as const;

/** `GET /api/files/{id}/download` and `GET /api/files/{id}/archive`. */
export function downloads(services: Services, gate: Gate) {
  return new Elysia({ prefix: "/api/files" })
    .use(gate)
    .get("/:id/download", (context) => download(services, context), { scope: "read", detail: operation(DOWNLOAD) })
    .get("/:id/archive", (context) => archive(services, context), { scope: "read", detail: operation(ARCHIVE) });
}

interface DownloadContext {
  request: Request;
  params: { id: string };
  actor: Actor;
  exchange: Exchange;
}

async function download({ vault }: Services, { request, params, actor, exchange }: DownloadContext) {
  readQuery(request, {});
  const { file, stream } = await vault.download(actor, identifier(params.id));
  const { coding, dictionary } = await codingFor(vault, actor, file, request.headers);
  const representation = representationOf(file, coding);
  const headers = describe(file, representation, coding);
  const unchanged = isNotModified(request.headers, representation);
  if (!unchanged && coding === "identity") headers.set("content-length", String(file.contentBytes));
  if (unchanged || exchange.method === "HEAD") {
    // A look at the metadata, and noted as one.
    await vault.file(actor, file.id);
    return new Response(null, { status: unchanged ? 304 : 200, headers });
  }
  if (coding !== "identity") {
    const whole = (signal: AbortSignal) => coded(stream(0, file.contentBytes, signal), coding, dictionary);
    return new Response(await flowing(whole, exchange.signal), { headers });
  }
  const { start, end, partial } = selectRange(request.headers, representation);
  headers.set("content-length", String(end - start));
  if (partial) headers.set("content-range", `bytes ${start}-${end - 1}/${file.contentBytes}`);
  const body = await flowing((signal) => stream(start, end, signal), exchange.signal);
  return new Response(body, { status: partial ? 206 : 200, headers });
}

/** Web assets are fetched by programs that know codings; other files by people who want the file. */
function isCodable(file: StoredFile): boolean {
  return file.codec === "dict-transport";
}

/** Ranges are of the file itself, so a request for one is answered without coding. */
async function codingFor(
  vault: Services["vault"],
  actor: Actor,
  file: StoredFile,
  headers: Headers,
): Promise<{ coding: ContentCoding; dictionary?: TransportDictionary }> {
  if (!isCodable(file) || headers.has("range")) return { coding: "identity" };
  const accepted = headers.get("accept-encoding");
  const sha256 = availableDictionary(headers.get("available-dictionary"));
  const wantsDictionary = sha256 !== null && chooseCoding(accepted, true) !== chooseCoding(accepted, false);
  const bytes = wantsDictionary ? await vault.contentBySha256(actor, sha256, MAX_DICTIONARY_BYTES) : null;
  if (sha256 === null || bytes === null) return { coding: chooseCoding(accepted, false) };
  return { coding: chooseCoding(accepted, true), dictionary: { sha256, bytes } };
}

async function archive({ vault }: Services, { request, params, actor, exchange }: DownloadContext) {
  readQuery(request, {});
  const { name, size, stream } = await vault.archive(actor, identifier(params.id), exchange.signal);
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(size),
    "content-disposition": attachment(name),
  };
  return new Response(await flowing(() => stream, exchange.signal), { headers });
}

function representationOf(file: StoredFile, coding: ContentCoding): Representation {
  const suffix = coding === "identity" ? "" : `-${coding}`;
  return { size: file.contentBytes, etag: `"${file.contentSha256}${suffix}"`, modifiedAt: file.createdAt };
}

function describe(file: StoredFile, { etag, modifiedAt }: Representation, coding: ContentCoding): Headers {
  const headers = new Headers({
    "content-type": file.mediaType,
    "content-disposition": attachment(file.name),
    etag,
    "last-modified": modifiedAt.toUTCString(),
    "accept-ranges": "bytes",
    // Stored files belong to whoever holds the key: no shared cache may keep them.
    "cache-control": "private, no-cache",
  });
  if (isCodable(file)) {
    headers.set("vary", "accept-encoding, available-dictionary");
    headers.set("use-as-dictionary", 'match="/api/files/*/download"');
  }
  if (coding !== "identity") headers.set("content-encoding", coding);
  if (!file.lossless) headers.set("x-compression-lossy", "1");
  return headers;
}

import { Elysia } from "elysia";
import type { StoredFile } from "../database/repository";
import type { Actor } from "../vault/vault";
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
    "`If-Range` and `If-None-Match` work as RFC 9110 says; the `ETag` is the SHA-256 of what is sent.",
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
  const representation = representationOf(file);
  const headers = describe(file, representation);
  const unchanged = isNotModified(request.headers, representation);
  if (!unchanged) headers.set("content-length", String(file.contentBytes));
  if (unchanged || exchange.method === "HEAD") {
    // A look at the metadata, and noted as one.
    await vault.file(actor, file.id);
    return new Response(null, { status: unchanged ? 304 : 200, headers });
  }
  const { start, end, partial } = selectRange(request.headers, representation);
  headers.set("content-length", String(end - start));
  if (partial) headers.set("content-range", `bytes ${start}-${end - 1}/${file.contentBytes}`);
  const body = await flowing((signal) => stream(start, end, signal), exchange.signal);
  return new Response(body, { status: partial ? 206 : 200, headers });
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

function representationOf(file: StoredFile): Representation {
  return { size: file.contentBytes, etag: `"${file.contentSha256}"`, modifiedAt: file.createdAt };
}

function describe(file: StoredFile, { etag, modifiedAt }: Representation): Headers {
  const headers = new Headers({
    "content-type": file.mediaType,
    "content-disposition": attachment(file.name),
    etag,
    "last-modified": modifiedAt.toUTCString(),
    "accept-ranges": "bytes",
    // Stored files belong to whoever holds the key: no shared cache may keep them.
    "cache-control": "private, no-cache",
  });
  if (!file.lossless) headers.set("x-compression-lossy", "1");
  return headers;
}

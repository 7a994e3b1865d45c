import { rm } from "node:fs/promises";
import { Elysia } from "elysia";
import { errorBody, Refusal } from "../errors";
import { displayName } from "../vault/names";
import type { Actor, Spooled } from "../vault/vault";
import { receiveForm } from "./body";
import { attachment } from "./disposition";
import type { Exchange } from "./exchange";
import type { Gate } from "./gate";
import { fileForm, operation } from "./operation";
import { readQuery } from "./query";
import type { Services } from "./services";
import { flowing } from "./stream";

const COMPRESS = {
  tag: "Media",
  summary: "Compress an image or a video and get it back at once",
  description:
    "The form field `image` takes a JPEG and gives a smaller JPEG of visually equal quality, or the very input if " +
    "there is none. `video` takes any video and gives AV1 in MP4. Nothing is stored.",
  scope: "write",
  body: { required: true, content: { "multipart/form-data": fileForm("video", "image") } },
  answers: {
    200: {
      description: "The result; `X-Original-Bytes` and `X-Compressed-Bytes` say what was won.",
      content: {
        "image/jpeg": { schema: { type: "string", format: "binary" } },
        "video/mp4": { schema: { type: "string", format: "binary" } },
      },
    },
  },
  refusals: [
    "no_file",
    "empty_file",
    "several_files",
    "bad_multipart",
    "not_jpeg",
    "not_video",
    "no_credits",
    "too_large",
    "unsupported_media_type",
    "aborted",
    "compression_failed",
    "engine_unavailable",
    "busy",
    "disk_full",
  ],
} as const;

interface CompressContext {
  request: Request;
  actor: Actor;
  exchange: Exchange;
}

/** `POST /api/compress`. */
export function media(services: Services, gate: Gate) {
  return new Elysia().use(gate).post("/api/compress", (context) => compress(services, context), {
    scope: "write",
    detail: operation(COMPRESS),
  });
}

async function compress(services: Services, { request, actor, exchange }: CompressContext): Promise<Response> {
  const { vault, limits } = services;
  readQuery(request, {});
  await vault.requireCredit(actor);
  const reception = { vault, limit: limits.mediaBytes, stalledMs: limits.stalledMs };
  const { field, name, spooled } = await receiveForm(request, exchange, reception, ["video", "image"]);
  const output = `${spooled.path}.out`;
  const kind = field === "image" ? "image" : "video";
  try {
    const bytes = await runEngine(services, { kind, name, spooled, output, actor, exchange });
    await vault.endMedia(actor, { kind, originalBytes: spooled.size, compressedBytes: bytes });
    const headers = describeResult(kind, name, spooled.size, bytes);
    return new Response(await flowing(() => readAndRemove(output), exchange.signal), { headers });
  } catch (error) {
    await rm(output, { force: true });
    throw error;
  } finally {
    await spooled.discard();
  }
}

interface Work {
  kind: "image" | "video";
  name: string;
  spooled: Spooled;
  output: string;
  actor: Actor;
  exchange: Exchange;
}

/** Runs the engine, telling those who listen; returns the size of the result in bytes. */
async function runEngine({ vault, media, progress }: Services, work: Work): Promise<number> {
  const { kind, spooled, output, actor, exchange } = work;
  const { signal } = exchange;
  const event = { id: exchange.id, name: displayName(work.name) };
  const onProgress = (fraction: number) =>
    progress.publish(actor.spaceId, { ...event, state: "running", progress: fraction });
  onProgress(0);
  try {
    const { bytes } =
      kind === "image"
        ? await media.compressImage(spooled.path, output, { signal })
        : await media.compressVideo(spooled.path, output, { signal, onProgress });
    progress.publish(actor.spaceId, { ...event, state: "done", progress: 1 });
    return bytes;
  } catch (error) {
    const failure = signal.aborted ? new Refusal("aborted", "The request was aborted.") : error;
    const { error: message, code } = errorBody(failure);
    progress.publish(actor.spaceId, { ...event, state: "failed", progress: 0, error: { error: message, code } });
    await vault.endMedia(actor, { kind, originalBytes: spooled.size }, failure);
    throw failure;
  }
}

function describeResult(
  kind: Work["kind"],
  name: string,
  originalBytes: number,
  bytes: number,
): Record<string, string> {
  const [mediaType, extension] = kind === "image" ? ["image/jpeg", "jpg"] : ["video/mp4", "mp4"];
  const stem = displayName(name).replace(/\.[^.]{1,8}$/, "");
  return {
    "content-type": mediaType!,
    "content-length": String(bytes),
    "content-disposition": attachment(`${stem}.${extension}`),
    "x-original-bytes": String(originalBytes),
    "x-compressed-bytes": String(bytes),
    "cache-control": "no-store",
  };
}

async function* readAndRemove(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* Bun.file(path).stream() as unknown as AsyncIterable<Uint8Array>;
  } finally {
    await rm(path, { force: true });
  }
}

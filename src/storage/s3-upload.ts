import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { S3Connection } from "./s3-connection";

/** S3 takes at most this many parts, each of at least 5 MiB but the last. */
const MAX_PARTS = 10_000;

/** A file of up to this size goes in one request; larger ones in parts of it, or of more where there were too many. */
const PART_BYTES = 8 << 20;

/** Parts under way at once: this many buffers of the part's size are all the memory that a put takes. */
const LANES = 3;

/**
 * Puts the file at `path`. Every request carries the MD5 of its bytes, so that the server refuses what was damaged
 * on the way; a file in parts becomes visible when all of them are there, and an upload that fails is taken back.
 * Returns the file's size in bytes.
 */
export async function uploadFile(
  connection: S3Connection,
  name: string,
  path: string,
  signal?: AbortSignal,
): Promise<number> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size <= PART_BYTES) await putWhole(connection, name, await readPiece(file, 0, Buffer.alloc(size)), signal);
    else await putInParts(connection, name, file, size, signal);
    return size;
  } finally {
    await file.close();
  }
}

async function putWhole(connection: S3Connection, Key: string, Body: Buffer, signal?: AbortSignal): Promise<void> {
  const { client, bucket: Bucket } = connection;
  const put = new PutObjectCommand({ Bucket, Key, Body, ContentLength: Body.length, ContentMD5: md5(Body) });
  await connection.call((options) => client.send(put, options), Body.length, signal);
}

async function putInParts(
  connection: S3Connection,
  Key: string,
  file: FileHandle,
  size: number,
  signal?: AbortSignal,
): Promise<void> {
  const { client, bucket: Bucket } = connection;
  const create = new CreateMultipartUploadCommand({ Bucket, Key });
  // Not to be aborted: without the answer there would be an upload that no one can take back.
  const { UploadId } = await connection.call((options) => client.send(create, options));
  try {
    const Parts = await sendParts(connection, { Bucket, Key, UploadId }, file, size, signal);
    const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    // Servers that copy the parts together answer late: the time that the data itself would take is granted again.
    await connection.call((options) => client.send(complete, options), size, signal);
  } catch (error) {
    const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
    await connection.call((options) => client.send(abort, options)).catch(() => {});
    throw error;
  }
}

/** Sends all parts, {@link LANES} at a time. No request is under way any more when this returns or throws. */
async function sendParts(
  connection: S3Connection,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  file: FileHandle,
  size: number,
  signal?: AbortSignal,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
  const count = Math.ceil(size / partBytes);
  const parts: CompletedPart[] = [];
  const failure = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  let next = 0;
  const lane = async () => {
    const buffer = Buffer.alloc(partBytes);
    while (next < count && !failure.signal.aborted) {
      const index = next++;
      const offset = index * partBytes;
      const Body = await readPiece(file, offset, buffer.subarray(0, Math.min(partBytes, size - offset)));
      const PartNumber = index + 1;
      const part = { ...upload, PartNumber, Body, ContentLength: Body.length, ContentMD5: md5(Body) };
      const { ETag } = await connection.call(
        (options) => connection.client.send(new UploadPartCommand(part), options),
        Body.length,
        stop,
      );
      parts[index] = { PartNumber, ETag };
    }
  };
  const failed: unknown[] = [];
  const guarded = () =>
    lane().catch((error) => {
      failed.push(error);
      failure.abort();
    });
  await Promise.all(Array.from({ length: Math.min(LANES, count) }, guarded));
  if (failed.length > 0) throw failed[0];
  return parts;
}

async function readPiece(file: FileHandle, offset: number, piece: Buffer): Promise<Buffer> {
  for (let filled = 0; filled < piece.length; ) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, offset + filled);
    if (bytesRead === 0) throw new Error("The file became shorter while it was stored");
    filled += bytesRead;
  }
  return piece;
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

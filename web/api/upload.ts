import { ApiError, apiError, type Client } from "./client";
import type { Job, StoredFile } from "./types";

const POLL_MS = 400;
const MAX_POLL_MS = 3_000;
/** Unanswered questions in a row after which the outcome is unknown: about a minute and a half. */
const PATIENCE = 30;

export interface UploadWatch {
  /** Bytes on their way, 0 to 1. `XMLHttpRequest` tells; `fetch` cannot. */
  onSent(fraction: number): void;
  /** The server compresses and verifies, 0 to 1. */
  onProcessed(fraction: number): void;
  readonly signal: AbortSignal;
}

/** Sends a file. Resolves with the job that compresses it, once every byte has arrived. */
export function sendFile(
  client: Client,
  file: File,
  codec: string,
  params: Readonly<Record<string, string>>,
  { onSent, signal }: UploadWatch,
): Promise<Job> {
  const query = new URLSearchParams({ ...params, filename: file.name });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/${codec}/upload?${query}`);
    request.setRequestHeader("x-api-key", client.key);
    request.setRequestHeader("content-type", "application/octet-stream");
    // Proxies cut connections that stay silent while a large file is compressed; asking after a job they do not.
    request.setRequestHeader("prefer", "respond-async");
    request.upload.onprogress = (event) => onSent(event.total > 0 ? event.loaded / event.total : 1);
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status === 202) resolve(body as unknown as Job);
      else reject(apiError(request.status, body));
    };
    request.onerror = () => reject(new ApiError(0, "broken_off", "The connection broke off while sending."));
    request.onabort = () => reject(new ApiError(0, "aborted", "The upload was cancelled."));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** Waits until the server has stored the file, or says why not. */
export async function awaitStored(client: Client, id: string, watch: UploadWatch): Promise<StoredFile> {
  let unanswered = 0;
  for (let wait = POLL_MS; ; wait = Math.min(wait * 1.3, MAX_POLL_MS)) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const job = await client.job(id);
      unanswered = 0;
      watch.onProcessed(job.progress);
      if (job.state === "done") return job.result;
      if (job.state === "failed") throw apiError(job.status, job.error);
    } catch (error) {
      if (!isPassing(error) || ++unanswered > PATIENCE) throw error;
    }
  }
}

/** The server works on while the network is down, a proxy restarts or it asks for patience. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && error.code !== "shutting_down" && [0, 429, 502, 504].includes(error.status);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

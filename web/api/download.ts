import { apiError, type Client } from "./client";
import type { StoredFile } from "./types";

/** From this size on a file is written to disk as it comes, where the browser can. */
const STREAM_BYTES = 64e6;

interface SaveFile {
  createWritable(): Promise<WritableStream<Uint8Array>>;
}

type SavePicker = (options: { suggestedName: string }) => Promise<SaveFile>;

/**
 * Saves a file under its name. The key goes in a header, so that it appears in no address, history or log; a plain
 * link cannot do that. A large file goes straight to a place that the user picks, where the browser offers that
 * (Chromium, over HTTPS or on localhost). Otherwise the browser collects the response as a `Blob`, which it
 * keeps on disk and not in the page's memory, and saves it when complete.
 * @param onProgress called with 0 to 1
 */
export async function saveFile(
  client: Client,
  file: StoredFile,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const picker = (window as unknown as { showSaveFilePicker?: SavePicker }).showSaveFilePicker;
  if (picker && file.contentBytes >= STREAM_BYTES) {
    const target = await picker({ suggestedName: file.originalFilename });
    await streamTo(await target.createWritable(), client, file, onProgress, signal);
  } else {
    saveBlob(await fetchBlob(client, file, onProgress, signal), file.originalFilename);
  }
}

async function streamTo(
  target: WritableStream<Uint8Array>,
  client: Client,
  file: StoredFile,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(address(file), { headers: { "x-api-key": client.key }, cache: "no-store", signal });
  if (!response.ok) throw apiError(response.status, await response.json().catch(() => null));
  let received = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received += chunk.length;
      onProgress(received / file.contentBytes);
      controller.enqueue(chunk);
    },
  });
  await response.body!.pipeThrough(counter).pipeTo(target, { signal });
}

function fetchBlob(
  client: Client,
  file: StoredFile,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address(file));
    request.setRequestHeader("x-api-key", client.key);
    request.responseType = "blob";
    request.onprogress = (event) => onProgress(event.loaded / file.contentBytes);
    request.onload = async () => {
      const blob: Blob = request.response;
      if (request.status !== 200) {
        reject(apiError(request.status, await new Response(blob).json().catch(() => null)));
      } else if (blob.size !== file.contentBytes) {
        reject(new Error("The download ended early; nothing was saved."));
      } else {
        resolve(blob);
      }
    };
    request.onerror = () => reject(new Error("The download broke off; nothing was saved."));
    request.onabort = () => reject(new DOMException("The download was cancelled.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send();
  });
}

function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of the blob by then; the address alone would keep it on disk.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function address(file: StoredFile): string {
  return `/api/files/${file.uploadId}/download`;
}

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Client, sentence } from "../api/client";
import type { StoredFile } from "../api/types";
import { awaitStored, sendFile } from "../api/upload";
import type { Parameters } from "./parameter-form";

export interface Upload {
  readonly id: number;
  readonly file: File;
  readonly codec: string;
  readonly params: Parameters;
  readonly stage: "waiting" | "sending" | "processing" | "stored" | "duplicate" | "failed";
  /** Of the stage, 0 to 1. */
  readonly fraction: number;
  readonly stored?: StoredFile;
  readonly problem?: string;
}

const FRESH = { stage: "waiting", fraction: 0, problem: undefined } as const;

let lastId = 0;

/** The uploads of this page: sent one after the other, compressed by the server while the next is sent. */
export function useUploads(client: Client, onStored: () => void, onError: (error: unknown) => boolean) {
  const [uploads, setUploads] = useState<Upload[]>([]);
  const sending = useRef<Promise<unknown>>(Promise.resolve());
  const aborts = useRef(new Map<number, AbortController>());

  const update = useCallback((id: number, change: Partial<Upload>) => {
    setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }, []);

  const run = useCallback(
    async ({ id, file, codec, params }: Upload) => {
      const controller = new AbortController();
      aborts.current.set(id, controller);
      const { signal } = controller;
      const watch = {
        signal,
        onSent: (fraction: number) => update(id, { stage: "sending", fraction }),
        onProcessed: (fraction: number) => update(id, { stage: "processing", fraction }),
      };
      const send = async () => {
        if (signal.aborted) throw new ApiError(0, "aborted", "The upload was cancelled.");
        return sendFile(client, file, codec, params, watch);
      };
      try {
        const sent = sending.current.then(send);
        sending.current = sent.catch(() => undefined);
        const job = await sent;
        update(id, { stage: "processing", fraction: job.progress });
        const stored = await awaitStored(client, job.id, watch);
        update(id, { stage: "stored", stored });
        onStored();
      } catch (error) {
        const isDuplicate = error instanceof ApiError && error.code === "duplicate";
        update(id, { stage: isDuplicate ? "duplicate" : "failed", problem: sentence(error) });
        onError(error);
      }
    },
    [client, update, onStored, onError],
  );

  const add = useCallback(
    (files: readonly File[], codec: string, params: Parameters) => {
      const added = files.map((file): Upload => ({ ...FRESH, id: ++lastId, file, codec, params }));
      setUploads((all) => [...added, ...all]);
      for (const upload of added) void run(upload);
    },
    [run],
  );

  const retry = useCallback(
    (upload: Upload) => {
      update(upload.id, FRESH);
      void run(upload);
    },
    [run, update],
  );

  const cancel = useCallback((id: number) => aborts.current.get(id)?.abort(), []);
  /** Takes one upload that has ended off the list, or all of them. */
  const dismiss = useCallback((id?: number) => {
    setUploads((all) => all.filter((upload) => !hasEnded(upload) || (id !== undefined && upload.id !== id)));
  }, []);

  const isSending = uploads.some(({ stage }) => stage === "waiting" || stage === "sending");
  useEffect(() => {
    if (!isSending) return;
    // What has arrived is finished without this page; what has not would be lost with it.
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isSending]);

  return { uploads, add, retry, cancel, dismiss };
}

export function hasEnded({ stage }: Upload): boolean {
  return stage === "stored" || stage === "duplicate" || stage === "failed";
}

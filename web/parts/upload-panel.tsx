import { useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "../api/client";
import type { CodecDescription } from "../api/types";
import { AUTO, ParameterForm, type Parameters } from "./parameter-form";
import { UploadRow } from "./upload-row";
import { hasEnded, useUploads } from "./use-uploads";

interface UploadPanelProps {
  client: Client;
  codecs: CodecDescription[];
  onStored(): void;
  onError(error: unknown): boolean;
}

/** Takes files, by picker or by drag and drop, and shows how each fares. */
export function UploadPanel({ client, codecs, onStored, onError }: UploadPanelProps) {
  const [codec, setCodec] = useState(AUTO);
  const [params, setParams] = useState<Parameters>({});
  const [isOver, setOver] = useState(false);
  const [folders, setFolders] = useState(0);
  const picker = useRef<HTMLInputElement>(null);
  const { uploads, add, retry, cancel, dismiss } = useUploads(client, onStored, onError);

  const take = (files: Iterable<File>) => add([...files], codec, params);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const { files, folders } = droppedFiles(event.dataTransfer!);
    setFolders(folders);
    take(files);
  };

  useEffect(() => {
    // A file dropped beside the zone would otherwise replace the page, and with it the uploads under way.
    const stay = (event: DragEvent) => event.preventDefault();
    addEventListener("dragover", stay);
    addEventListener("drop", stay);
    return () => {
      removeEventListener("dragover", stay);
      removeEventListener("drop", stay);
    };
  }, []);

  return (
    <section class="upload" aria-labelledby="upload-title">
      <h2 id="upload-title">Upload</h2>
      <div class="card">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same from the keyboard */}
        <div
          class={isOver ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <input
            ref={picker}
            id="picker"
            class="unseen"
            type="file"
            multiple
            tabIndex={-1}
            aria-label="Files to upload"
            onChange={(event) => {
              take(event.currentTarget.files ?? []);
              event.currentTarget.value = "";
            }}
          />
          <button type="button" class="primary" onClick={() => picker.current!.click()}>
            Choose files
          </button>
          <span class="quiet">or drop them here</span>
        </div>
        {folders > 0 && (
          <p class="notice" role="status">
            Folders were left out: open them and drop the files inside.
          </p>
        )}
        <ParameterForm
          codecs={codecs}
          codec={codec}
          params={params}
          onCodec={(name) => {
            setCodec(name);
            setParams({});
          }}
          onParams={setParams}
        />
      </div>
      {uploads.filter(hasEnded).length > 1 && (
        <button type="button" class="plain aside" onClick={() => dismiss()}>
          Dismiss all that have ended
        </button>
      )}
      {uploads.length > 0 && (
        <ul class="uploads" aria-label="Uploads">
          {uploads.map((upload) => (
            <UploadRow
              key={upload.id}
              upload={upload}
              onRetry={() => retry(upload)}
              onCancel={() => cancel(upload.id)}
              onDismiss={() => dismiss(upload.id)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Browsers hand over a dropped folder as if it were a file, which then cannot be read. */
function droppedFiles(transfer: DataTransfer): { files: File[]; folders: number } {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const files = items.filter((item) => !item.webkitGetAsEntry()?.isDirectory).map((item) => item.getAsFile()!);
  return { files, folders: items.length - files.length };
}

import { useRef, useState } from "preact/hooks";
import { type Client, sentence } from "../api/client";
import { saveFile } from "../api/download";
import type { StoredFile } from "../api/types";
import { bytes, exactBytes, time } from "../format";

interface FileRowProps {
  client: Client;
  file: StoredFile;
  onShow(): void;
  onDelete(): void;
}

export function FileRow({ client, file, onShow, onDelete }: FileRowProps) {
  const name = file.originalFilename;
  const hasSaved = file.originalBytes > file.compressedBytes;
  const { fraction, problem, start, cancel } = useDownload(client, file);
  return (
    <tr>
      <th scope="row">
        <button type="button" class="link" onClick={onShow}>
          {name}
        </button>
        {!file.lossless && <span class="tag">lossy</span>}
        <span class="meta">
          {file.codec} · {file.format} · {time(file.createdAt)}
        </span>
        <span class="meta narrow">
          {bytes(file.originalBytes)} → {bytes(file.compressedBytes)}
          <span class="strong">{hasSaved && ` · ${file.savings}`}</span>
        </span>
        {fraction !== null && <progress max={1} value={fraction} aria-label={`Downloading ${name}`} />}
        {problem !== "" && (
          <span class="meta bad" role="alert">
            {problem}
          </span>
        )}
      </th>
      <td class="wide number" title={exactBytes(file.originalBytes)}>
        {bytes(file.originalBytes)}
      </td>
      <td class="wide number" title={exactBytes(file.compressedBytes)}>
        {bytes(file.compressedBytes)}
      </td>
      <td class={hasSaved ? "wide number strong" : "wide number"}>{hasSaved ? file.savings : "–"}</td>
      <td class="actions">
        {fraction === null ? (
          <button type="button" class="plain" aria-label={`Download ${name}`} onClick={start}>
            Download
          </button>
        ) : (
          <button type="button" class="plain" aria-label={`Cancel the download of ${name}`} onClick={cancel}>
            Cancel
          </button>
        )}
        <button type="button" class="plain" aria-label={`Delete ${name}`} onClick={onDelete}>
          Delete
        </button>
      </td>
    </tr>
  );
}

/** A download of one row: its progress (null while there is none) and what went wrong. */
function useDownload(client: Client, file: StoredFile) {
  const [fraction, setFraction] = useState<number | null>(null);
  const [problem, setProblem] = useState("");
  const abort = useRef<AbortController | null>(null);

  const start = async () => {
    const controller = (abort.current = new AbortController());
    setFraction(0);
    setProblem("");
    try {
      await saveFile(client, file, setFraction, controller.signal);
    } catch (error) {
      // Closing the picker or cancelling is no problem to report.
      if (!(error instanceof DOMException && error.name === "AbortError")) setProblem(sentence(error));
    } finally {
      setFraction(null);
    }
  };

  return { fraction, problem, start, cancel: () => abort.current?.abort() };
}

import { useCallback, useEffect, useState } from "preact/hooks";
import { type Client, sentence } from "../api/client";
import type { CodecDescription, FileFilter, StoredFile } from "../api/types";
import { ConfirmDialog } from "./confirm-dialog";
import { FileDetails } from "./file-details";
import { FileRow } from "./file-row";

const PAGE_FILES = 25;
const TYPING_MS = 250;

interface FilesPanelProps {
  client: Client;
  codecs: CodecDescription[];
  /** Changes when files were stored or deleted. */
  changes: number;
  onChange(): void;
  onError(error: unknown): boolean;
}

/** The stored files: searched, filtered, in pages. */
export function FilesPanel({ client, codecs, changes, onChange, onError }: FilesPanelProps) {
  const [filter, setFilter] = useState<FileFilter>({ q: "", codec: "" });
  const [offset, setOffset] = useState(0);
  const [files, setFiles] = useState<StoredFile[] | null>(null);
  const [problem, setProblem] = useState("");
  const [shown, setShown] = useState<StoredFile | null>(null);
  const [doomed, setDoomed] = useState<StoredFile | null>(null);

  // `changes` is no input; it says when to read again.
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      try {
        // One more than is shown tells whether there is a next page.
        const page = await client.files(filter, PAGE_FILES + 1, offset);
        if (!isCurrent) return;
        setFiles(page.files);
        setProblem("");
        if (page.files.length === 0 && offset > 0) setOffset(Math.max(0, offset - PAGE_FILES));
      } catch (error) {
        if (isCurrent && !onError(error)) setProblem(sentence(error));
      }
    };
    const timer = setTimeout(load, filter.q === "" ? 0 : TYPING_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, filter, offset, changes, onError]);

  const change = useCallback((next: Partial<FileFilter>) => {
    setFilter((filter) => ({ ...filter, ...next }));
    setOffset(0);
  }, []);

  const remove = async () => {
    await client.deleteFile(doomed!.uploadId);
    onChange();
  };

  const isFiltered = filter.q !== "" || filter.codec !== "";
  return (
    <section aria-labelledby="files-title">
      <div class="title-row">
        <h2 id="files-title">Files</h2>
        <search class="filters">
          <input
            type="search"
            aria-label="Search by name"
            placeholder="Search by name"
            maxLength={200}
            value={filter.q}
            onInput={(event) => change({ q: event.currentTarget.value })}
          />
          <select
            aria-label="Filter by codec"
            value={filter.codec}
            onChange={(event) => change({ codec: event.currentTarget.value })}
          >
            <option value="">All codecs</option>
            {codecs.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </search>
      </div>
      {problem !== "" && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      {files?.length === 0 && (
        <p class="empty quiet">{isFiltered ? "No file matches." : "Nothing stored yet. Drop a file above."}</p>
      )}
      {files && files.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="wide number">
                Original
              </th>
              <th scope="col" class="wide number">
                Stored
              </th>
              <th scope="col" class="wide number">
                Saved
              </th>
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {files.slice(0, PAGE_FILES).map((file) => (
              <FileRow
                key={file.uploadId}
                client={client}
                file={file}
                onShow={() => setShown(file)}
                onDelete={() => setDoomed(file)}
              />
            ))}
          </tbody>
        </table>
      )}
      <Pager offset={offset} count={files?.length ?? 0} onOffset={setOffset} />
      {shown && <FileDetails file={shown} onClose={() => setShown(null)} />}
      {doomed && (
        <ConfirmDialog
          title="Delete this file?"
          text={`“${doomed.originalFilename}” will be gone for good.`}
          verb="Delete"
          onConfirm={remove}
          onClose={() => setDoomed(null)}
        />
      )}
    </section>
  );
}

interface PagerProps {
  offset: number;
  /** Files read, one more than a page when there is a next. */
  count: number;
  onOffset(offset: number): void;
}

function Pager({ offset, count, onOffset }: PagerProps) {
  const hasNext = count > PAGE_FILES;
  if (offset === 0 && !hasNext) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - PAGE_FILES))}>
        Newer
      </button>
      <span class="quiet" role="status">
        {offset + 1}–{offset + Math.min(count, PAGE_FILES)}
      </span>
      <button type="button" disabled={!hasNext} onClick={() => onOffset(offset + PAGE_FILES)}>
        Older
      </button>
    </nav>
  );
}

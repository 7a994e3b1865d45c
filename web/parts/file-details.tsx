import type { StoredFile } from "../api/types";
import { duration, exactBytes, time } from "../format";
import { Dialog } from "./dialog";

/** All that is known of a file. */
export function FileDetails({ file, onClose }: { file: StoredFile; onClose(): void }) {
  const rows: [string, string][] = [
    ["Upload id", file.uploadId],
    ["Codec", `${file.codec} (${file.format}), level ${file.level}`],
    ...parameters(file),
    ["Original", exactBytes(file.originalBytes)],
    ["Stored", stored(file)],
    ["Promise", file.lossless ? "A download is identical to the upload, byte for byte." : lossyPromise(file)],
    ...Object.entries(file.report).map(([name, value]): [string, string] => [name, String(value)]),
    ["SHA-256", file.sha256],
    ...(file.lossless ? [] : [["SHA-256 of the download", file.contentSha256] as [string, string]]),
    ["Stored at", `${time(file.createdAt)}, in ${duration(file.compressionTimeMs)}`],
    ["Last download", file.accessedAt ? time(file.accessedAt) : "never"],
  ];
  return (
    <Dialog title={file.originalFilename} onClose={onClose}>
      <dl class="details">
        {rows.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function stored({ originalBytes, compressedBytes, savings }: StoredFile): string {
  return exactBytes(compressedBytes) + (originalBytes > compressedBytes ? `, ${savings} saved` : "");
}

function parameters(file: StoredFile): [string, string][] {
  return Object.entries(file.params).map(([name, value]) => [name, String(value)]);
}

function lossyPromise(file: StoredFile): string {
  return `A download is not identical to the upload, as its parameters asked; it has ${exactBytes(file.contentBytes)}.`;
}

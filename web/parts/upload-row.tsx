import { bytes, percent, saved } from "../format";
import { hasEnded, type Upload } from "./use-uploads";

interface UploadRowProps {
  upload: Upload;
  onRetry(): void;
  onCancel(): void;
  onDismiss(): void;
}

export function UploadRow({ upload, onRetry, onCancel, onDismiss }: UploadRowProps) {
  const { file, stage, fraction } = upload;
  const isUnderWay = !hasEnded(upload);
  return (
    <li class={`card ${stage}`}>
      <span class="name">{file.name}</span>
      {/* Spoken when the stage changes, not at every percent. */}
      <span class="state" role={isUnderWay ? undefined : "status"}>
        {describe(upload)}
      </span>
      {isUnderWay && (
        <progress
          max={1}
          value={stage === "processing" && fraction === 0 ? undefined : fraction}
          aria-label={`${stage === "processing" ? "Compressing" : "Sending"} ${file.name}`}
        />
      )}
      {stage === "waiting" || stage === "sending" ? (
        <button type="button" class="plain" onClick={onCancel} aria-label={`Cancel ${file.name}`}>
          Cancel
        </button>
      ) : (
        !isUnderWay && (
          <span class="actions">
            {stage === "failed" && (
              <button type="button" class="plain" onClick={onRetry} aria-label={`Try again: ${file.name}`}>
                Try again
              </button>
            )}
            <button type="button" class="plain" onClick={onDismiss} aria-label={`Dismiss ${file.name}`}>
              Dismiss
            </button>
          </span>
        )
      )}
    </li>
  );
}

function describe({ file, stage, fraction, stored, problem }: Upload): string {
  switch (stage) {
    case "waiting":
      return `${bytes(file.size)}, waiting`;
    case "sending":
      return `${bytes(file.size)}, sending ${percent(fraction)}`;
    case "processing":
      return fraction > 0 ? `compressing and verifying ${percent(fraction)}` : "compressing and verifying";
    case "stored": {
      const { originalBytes, compressedBytes, codec } = stored!;
      const gain = originalBytes > compressedBytes ? `, ${saved(originalBytes, compressedBytes)} saved` : "";
      return `${bytes(originalBytes)} → ${bytes(compressedBytes)}${gain}, stored as ${codec}`;
    }
    default:
      return problem!;
  }
}

import { useState } from "preact/hooks";
import type { NewKey } from "../api/types";
import { Dialog } from "./dialog";

interface KeyDialogProps {
  made: NewKey;
  title: string;
  text: string;
  onClose(): void;
}

/** Shows a new key, this once. */
export function KeyDialog({ made, title, text, onClose }: KeyDialogProps) {
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    await navigator.clipboard.writeText(made.key);
    setCopied(true);
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <label class="field">
        Key “{made.name}”
        <input class="secret" readonly value={made.key} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <div class="buttons">
        {/* Browsers offer the clipboard over HTTPS and on localhost only; elsewhere the field is selected by focus. */}
        {window.isSecureContext && (
          <button type="button" onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </button>
        )}
        <button type="button" class="primary" onClick={onClose}>
          I have noted it
        </button>
      </div>
    </Dialog>
  );
}

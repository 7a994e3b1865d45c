import { useState } from "preact/hooks";
import { sentence } from "../api/client";
import { Dialog } from "./dialog";

interface ConfirmDialogProps {
  title: string;
  text: string;
  /** What the button that does it says. */
  verb: string;
  /** Does it; the dialog closes when it has worked and says why when it has not. */
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, text, verb, onConfirm, onClose }: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {problem !== "" && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={busy} onClick={confirm}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}

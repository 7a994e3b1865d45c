import type { UploadEvent } from "../vault/vault";

type Listener = (event: UploadEvent) => void;

/** Progress of media work, which the vault knows nothing of, to those who listen in its space. */
export class Progress {
  readonly #listeners = new Map<string, Set<Listener>>();

  publish(spaceId: string, event: UploadEvent): void {
    for (const listener of this.#listeners.get(spaceId) ?? []) listener(event);
  }

  /** Calls `listener` for every event of the space until `signal` aborts. */
  subscribe(spaceId: string, signal: AbortSignal, listener: Listener): void {
    const listeners = this.#listeners.get(spaceId) ?? new Set();
    this.#listeners.set(spaceId, listeners.add(listener));
    signal.addEventListener("abort", () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(spaceId);
    });
  }
}

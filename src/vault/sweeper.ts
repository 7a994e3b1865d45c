import type { Repository } from "../database/repository";
import type { Metrics } from "./metrics";
import type { StoreRoom } from "./store-room";

const BATCH = 200;
/** Where several instances share a database, a reservation this old belongs to an upload that died. */
const STALE_MS = 24 * 3_600_000;

/**
 * Removes objects that nothing refers to: of deleted files, of uploads that failed or were cut short. An object is
 * forgotten only after the store said that it is gone.
 */
export class Sweeper {
  readonly #held = new Map<string, number>();
  readonly #timer: Timer;
  #sweeping: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly instance: string,
    private readonly repository: Repository,
    private readonly stores: StoreRoom,
    private readonly metrics: Metrics,
    everyMinutes: number,
  ) {
    this.#timer = setInterval(() => this.wake(), everyMinutes * 60_000);
    this.#timer.unref();
  }

  /** Keeps an object from being swept while it is being read. */
  hold(objectKey: string): () => void {
    this.#held.set(objectKey, (this.#held.get(objectKey) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = this.#held.get(objectKey)! - 1;
      if (left > 0) this.#held.set(objectKey, left);
      else this.#held.delete(objectKey);
    };
  }

  /** Sweeps soon, in the background. */
  wake(): void {
    this.#again = true;
    this.#sweeping ??= this.#run().finally(() => (this.#sweeping = null));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#again = false;
    await this.#sweeping;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#sweep();
      } catch (error) {
        console.error(JSON.stringify({ event: "sweep_failed", message: String(error) }));
      }
    }
  }

  async #sweep(): Promise<void> {
    if (this.stores.settings.kind === "none") return;
    const store = await this.stores.require();
    const owner = this.repository.dialect === "sqlite" ? this.instance : null;
    const garbage = await this.repository.garbage(owner, new Date(Date.now() - STALE_MS), BATCH);
    const gone: string[] = [];
    for (const key of garbage) {
      if (this.#held.has(key)) continue;
      await store.remove(key);
      gone.push(key);
    }
    if (gone.length === 0) return;
    await this.repository.forgetGarbage(gone);
    this.metrics.count("smallest_swept_objects_total", {}, gone.length);
    if (garbage.length === BATCH) this.#again = true;
  }
}

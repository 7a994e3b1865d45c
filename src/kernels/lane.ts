import type { Refusal } from "../errors";
import { aborted, shuttingDown } from "./pool";

interface Waiting {
  proceed(): void;
  refuse(error: Refusal): void;
}

/** Lets so many in at a time, the others in the order in which they came. */
export class Lane {
  readonly #waiting: Waiting[] = [];

  constructor(private places: number) {}

  /** Waits for a place. @throws Refusal `aborted`, `shutting_down` */
  async enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw aborted();
    if (this.places > 0) {
      this.places--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry = { proceed: resolve, refuse: reject };
    const onAbort = () => this.#drop(entry);
    this.#waiting.push(entry);
    signal?.addEventListener("abort", onAbort);
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Gives the place to the next. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next.proceed();
    else this.places++;
  }

  /** Refuses all who wait. */
  close(): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(shuttingDown());
  }

  #drop(entry: Waiting): void {
    const at = this.#waiting.indexOf(entry);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    entry.refuse(aborted());
  }
}

import { Refusal } from "../errors";

/** Lets a few tasks run at once; the others wait their turn, up to a number. */
export class Queue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly length: number,
  ) {}

  /** @throws Refusal `busy` when too many wait, `aborted` when the signal aborts while waiting */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.running >= this.width) await this.wait(signal);
    else this.running++;
    try {
      return await task();
    } finally {
      // The place goes straight to the next in line, or becomes free.
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private wait(signal?: AbortSignal): Promise<void> {
    if (this.waiting.length >= this.length) {
      throw new Refusal("busy", "Too many media files are waiting; try again in a minute.");
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(new Refusal("aborted", "The request was aborted."));
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener("abort", leave, { once: true });
      this.waiting.push(turn);
    });
  }
}

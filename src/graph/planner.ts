import { Refusal } from "../errors";
import { aborted, shuttingDown } from "../kernels/pool";
import { generalSegments, MAX_SEGMENT_BYTES } from "./plan";
import type { FromPlanner, PlannedSegment, PlanRequest, PreparedFile, ToPlanner } from "./planning";

export interface PlannerOptions {
  readonly spawn: () => Worker;
  /** A planner that shows no sign of life for so long, although it may go on, is ended. */
  readonly stallLimitMs: number;
  /** Segments that may wait between planner and encoder. */
  readonly credits: number;
  readonly signal?: AbortSignal;
}

type Message = FromPlanner | { readonly kind: "lost"; readonly message: string };

/**
 * One file in a planner worker of its own. A planner that fails costs compression, never the upload: what it did not
 * plan goes to the general model. Only a `Refusal` of the codec is passed on.
 */
export class Planner {
  /** How many times the general model had to step in: 0 or 1. */
  fallbacks = 0;
  readonly #worker: Worker;
  readonly #inbox: Message[] = [];
  #wake: () => void = () => {};
  #timer: Timer | undefined;

  constructor(
    readonly plan: PlanRequest & { readonly size: number },
    readonly options: PlannerOptions,
  ) {
    this.#worker = options.spawn();
    this.#worker.onmessage = (event: MessageEvent<FromPlanner>) => this.#receive(event.data);
    this.#worker.onerror = (event) => this.#receive({ kind: "lost", message: event.message });
    this.#worker.addEventListener("close", () => this.#receive({ kind: "lost", message: "the planner ended" }));
    options.signal?.addEventListener("abort", this.#onAbort);
    const { size: _, ...request } = plan;
    this.#post({ kind: "plan", plan: request, credits: options.credits });
  }

  /**
   * Waits for the lossy step, if there is one.
   * @throws Refusal what the codec refused, `aborted`
   */
  async prepared(): Promise<PreparedFile> {
    const message = await this.#next();
    if (message.kind === "prepared") return message.file;
    this.#rethrow(message);
    this.#giveUp();
    return { path: this.plan.path, size: this.plan.size, lossless: true, report: {} };
  }

  /**
   * The segments of the prepared file, covering it exactly.
   * @throws Refusal what the codec refused, `aborted`
   */
  async *segments(size: number): AsyncGenerator<PlannedSegment> {
    let offset = 0;
    while (this.fallbacks === 0) {
      const message = await this.#next();
      if (message.kind === "segment" && fits(message.segment, size - offset)) {
        offset += message.segment.length;
        yield message.segment;
        this.#post({ kind: "credit" });
      } else if (message.kind === "done" && offset === size) {
        return;
      } else {
        this.#rethrow(message);
        this.#giveUp();
      }
    }
    for (const segment of generalSegments(offset, size - offset)) yield { ...segment, partHashes: [] };
  }

  /** Ends the worker; safe to call twice. */
  close(): void {
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener("abort", this.#onAbort);
    this.#worker.terminate();
  }

  /** Ends it from outside: whoever waits is told that the server is shutting down. */
  shutDown(): void {
    const refusal = shuttingDown();
    this.#receive({ kind: "failed", refusal: refusal.toJSON(), message: refusal.message });
    this.close();
  }

  #onAbort = () => {
    const refusal = aborted();
    this.#inbox.length = 0;
    this.#receive({ kind: "failed", refusal: refusal.toJSON(), message: refusal.message });
    this.close();
  };

  #post(message: ToPlanner): void {
    this.#worker.postMessage(message);
  }

  #receive(message: Message): void {
    if (message.kind === "alive") {
      if (this.#timer) this.#watch();
      return;
    }
    this.#inbox.push(message);
    this.#wake();
  }

  async #next(): Promise<Message> {
    if (this.#inbox.length === 0) {
      this.#watch();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    return this.#inbox.shift()!;
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const stalled = () => this.#receive({ kind: "lost", message: "the planner made no progress" });
    this.#timer = setTimeout(stalled, this.options.stallLimitMs);
  }

  #rethrow(message: Message): void {
    if (message.kind === "failed" && message.refusal) throw Refusal.revive(message.refusal);
  }

  #giveUp(): void {
    this.fallbacks = 1;
    this.close();
  }
}

function fits(segment: PlannedSegment, left: number): boolean {
  const { length } = segment;
  return Number.isSafeInteger(length) && length > 0 && length <= Math.min(left, MAX_SEGMENT_BYTES);
}

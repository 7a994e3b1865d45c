import { Refusal } from "../errors";
import { aborted } from "../kernels/pool";
import { generalSegments, MAX_SEGMENT_BYTES } from "./plan";
import type { FromPlanner, PlannedSegment, PlanRequest, PreparedFile, ToPlanner } from "./planning";

export interface PlannerOptions {
  /** A planner worker without work. */
  readonly worker: Worker;
  /** A planner that shows no sign of life for so long, although it may go on, is given up. */
  readonly stallLimitMs: number;
  /** Segments that may wait between planner and encoder. */
  readonly credits: number;
  readonly signal?: AbortSignal;
}

type Message =
  | FromPlanner
  | { readonly kind: "lost"; readonly message: string }
  | { readonly kind: "stopped"; readonly refusal: Refusal };

/**
 * One file being planned. A planner that fails costs compression, never the upload: what it did not plan goes to the
 * general model. Only a `Refusal` of the codec is passed on.
 */
export class Planner {
  /** How many times the general model had to step in: 0 or 1. */
  fallbacks = 0;
  /** Of preparing and planning; known at the end. */
  cpuSeconds = 0;
  readonly #inbox: Message[] = [];
  #finished = false;
  #stopped?: Refusal;
  #wake: () => void = () => {};
  #timer: Timer | undefined;

  constructor(
    readonly plan: PlanRequest & { readonly size: number },
    readonly options: PlannerOptions,
  ) {
    const { worker, signal, credits } = options;
    worker.onmessage = (event: MessageEvent<FromPlanner>) => this.#receive(event.data);
    worker.onerror = (event) => this.#receive({ kind: "lost", message: event.message });
    worker.addEventListener("close", this.#onClose);
    signal?.addEventListener("abort", this.#onAbort);
    this.#post({ kind: "plan", plan, credits });
  }

  /**
   * Waits for the lossy step, if there is one.
   * @throws Refusal what the codec refused, `aborted`
   */
  async prepared(): Promise<PreparedFile> {
    const message = await this.#next();
    if (message.kind === "prepared") return message.file;
    this.#giveUp(message);
    return { path: this.plan.path, size: this.plan.size, lossless: true, report: {} };
  }

  /**
   * The segments of the prepared file, covering it exactly.
   * @param size bytes of the prepared file
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
        this.#finished = true;
        this.cpuSeconds = message.cpuSeconds;
        return;
      } else {
        this.#giveUp(message);
      }
    }
    for (const segment of generalSegments(offset, size - offset)) {
      if (this.#stopped) throw this.#stopped;
      yield { ...segment, partHashes: [] };
    }
  }

  /** Makes whoever waits for this planner fail. */
  stop(refusal: Refusal): void {
    this.#stopped = refusal;
    this.#inbox.length = 0;
    this.#receive({ kind: "stopped", refusal });
  }

  /** Lets go of the worker. @returns it, if it finished its plan and can take another; otherwise it was ended */
  release(): Worker | undefined {
    const { worker, signal } = this.options;
    clearTimeout(this.#timer);
    signal?.removeEventListener("abort", this.#onAbort);
    worker.removeEventListener("close", this.#onClose);
    worker.onmessage = null;
    worker.onerror = null;
    if (this.#finished) return worker;
    worker.terminate();
    return undefined;
  }

  #onAbort = () => this.stop(aborted());
  #onClose = () => this.#receive({ kind: "lost", message: "the planner ended" });

  #post(message: ToPlanner): void {
    this.options.worker.postMessage(message);
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
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
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

  /** The general model takes over, unless there is a refusal to pass on. */
  #giveUp(message: Message): void {
    if (message.kind === "stopped") throw message.refusal;
    if (message.kind === "failed" && message.refusal) throw Refusal.revive(message.refusal);
    this.fallbacks = 1;
  }
}

function fits(segment: PlannedSegment, left: number): boolean {
  const { length } = segment;
  return Number.isSafeInteger(length) && length > 0 && length <= Math.min(left, MAX_SEGMENT_BYTES);
}

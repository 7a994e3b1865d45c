import { Lane } from "../kernels/lane";
import { shuttingDown } from "../kernels/pool";
import { Planner } from "./planner";
import type { PlanRequest } from "./planning";

export interface PlannerPoolOptions {
  readonly spawn: () => Worker;
  /** Files, and apart from them shared parts, that may be planned at the same time. */
  readonly lanes: number;
  readonly stallLimitMs: number;
}

/** Plans after which a worker is not used again, and the largest file that it outlives: memory is never given back. */
const MAX_PLANS = 64;
const MAX_OUTLIVED_BYTES = 64 << 20;

/** Segments that may wait between a planner and the encoders. */
const CREDITS = 2;

/** Planner workers, kept for the next file while they are small and healthy. */
export class PlannerPool {
  /** Files that no planner could finish. */
  fallbacks = 0;
  readonly #idle: Worker[] = [];
  readonly #plans = new WeakMap<Worker, number>();
  readonly #running = new Map<Planner, Lane>();
  /** Parts have a lane of their own: a file keeps its place while it waits for its parts. */
  readonly #files: Lane;
  readonly #parts: Lane;
  #closed = false;

  constructor(readonly options: PlannerPoolOptions) {
    this.#files = new Lane(options.lanes);
    this.#parts = new Lane(options.lanes);
  }

  /** Waits for a place and starts planning; the caller ends it. @throws Refusal `aborted`, `shutting_down` */
  async begin(plan: PlanRequest & { readonly size: number }, signal?: AbortSignal): Promise<Planner> {
    const lane = plan.prepare ? this.#files : this.#parts;
    await lane.enter(signal);
    if (this.#closed) throw shuttingDown();
    const worker = this.#idle.pop() ?? this.options.spawn();
    this.#plans.set(worker, (this.#plans.get(worker) ?? 0) + 1);
    const { stallLimitMs } = this.options;
    const planner = new Planner(plan, { worker, stallLimitMs, credits: CREDITS, signal });
    this.#running.set(planner, lane);
    return planner;
  }

  /** Takes the worker back, or ends it when it did not finish; safe to call twice. */
  end(planner: Planner): void {
    const lane = this.#running.get(planner);
    if (!lane) return;
    this.#running.delete(planner);
    this.fallbacks += planner.fallbacks;
    const worker = planner.release();
    if (worker && this.#reusable(worker, planner.plan.size)) this.#idle.push(worker);
    else worker?.terminate();
    lane.leave();
  }

  close(): void {
    this.#closed = true;
    for (const planner of this.#running.keys()) planner.stop(shuttingDown());
    for (const worker of this.#idle.splice(0)) worker.terminate();
    this.#files.close();
    this.#parts.close();
  }

  #reusable(worker: Worker, size: number): boolean {
    const young = this.#plans.get(worker)! < MAX_PLANS && size <= MAX_OUTLIVED_BYTES;
    return young && !this.#closed && this.#idle.length < this.options.lanes;
  }
}

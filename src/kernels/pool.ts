import { Refusal } from "../errors";
import type { JobAnswer, JobError } from "./pool-worker";

export interface PoolOptions {
  /** Starts one worker; it runs `serveJobs`. */
  readonly spawn: () => Worker;
  readonly workers: number;
  /** Jobs that may wait; one more is refused as `busy`. */
  readonly queueLimit: number;
  /** A worker whose job takes longer is ended and the job fails. */
  readonly jobLimitMs: number;
}

export interface RunOptions {
  /** Buffers that go along with the job. */
  readonly transfer?: ArrayBufferLike[];
  readonly signal?: AbortSignal;
  /** A worker that must not get this job: the one whose work it checks. */
  readonly not?: number;
  /** Ahead of the jobs that are not: those that finish something begun and so free memory. */
  readonly urgent?: boolean;
}

export interface Done<Result> {
  readonly result: Result;
  /** Which worker did it. */
  readonly worker: number;
  readonly cpuSeconds: number;
}

export interface PoolStats {
  jobs: number;
  failures: number;
  /** Workers that died or were ended. */
  replaced: number;
  queued: number;
  running: number;
}

/** What an aborted job may still take before its worker is ended. */
const ABORT_GRACE_MS = 1000;

/** A job failed: it threw, took its worker down or took too long. */
export class JobFailure extends Error {
  constructor(
    readonly reason: "threw" | "crashed" | "timeout",
    message: string,
  ) {
    super(message);
  }
}

interface Task<Job, Result> {
  readonly job: Job;
  readonly options: RunOptions;
  resolve(done: Done<Result>): void;
  reject(error: Error): void;
  settled: boolean;
}

/** Bun's workers can let the process end while they wait; the DOM's type does not know. */
type BunWorker = Worker & { ref(): void; unref(): void };

interface Seat<Job, Result> {
  readonly id: number;
  readonly worker: BunWorker;
  task?: Task<Job, Result>;
  timer?: Timer;
}

/** Disposable workers that pull jobs. They start with the first job and do not keep the process alive. */
export class WorkerPool<Job, Result> {
  readonly stats: PoolStats = { jobs: 0, failures: 0, replaced: 0, queued: 0, running: 0 };
  readonly #seats = new Set<Seat<Job, Result>>();
  readonly #urgent: Task<Job, Result>[] = [];
  readonly #waiting: Task<Job, Result>[] = [];
  #lastId = 0;
  #closed = false;

  constructor(readonly options: PoolOptions) {}

  /**
   * Runs a job on some worker.
   * @throws JobFailure
   * @throws Refusal what the job refused, `busy`, `aborted`, `shutting_down`
   */
  run(job: Job, options: RunOptions = {}): Promise<Done<Result>> {
    if (this.#closed) return Promise.reject(shuttingDown());
    if (options.signal?.aborted) return Promise.reject(aborted());
    if (this.stats.queued >= this.options.queueLimit) {
      return Promise.reject(new Refusal("busy", "Too much work is waiting; try again shortly."));
    }
    return new Promise((resolve, reject) => {
      const task: Task<Job, Result> = { job, options, resolve, reject, settled: false };
      this.#watchAbort(task);
      (options.urgent ? this.#urgent : this.#waiting).push(task);
      this.#dispatch();
    });
  }

  /** Ends every worker; jobs not done yet fail as `shutting_down`. */
  close(): void {
    this.#closed = true;
    for (const task of [...this.#urgent.splice(0), ...this.#waiting.splice(0)]) fail(task, shuttingDown());
    for (const seat of [...this.#seats]) {
      if (seat.task) fail(seat.task, shuttingDown());
      this.#dismiss(seat);
    }
    this.stats.queued = 0;
  }

  #watchAbort(task: Task<Job, Result>): void {
    const { signal } = task.options;
    if (!signal) return;
    const onAbort = () => {
      fail(task, aborted());
      for (const seat of this.#seats) if (seat.task === task) this.#endSoon(seat);
      this.#dispatch();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const forget = () => signal.removeEventListener("abort", onAbort);
    const { resolve, reject } = task;
    task.resolve = (done) => {
      forget();
      resolve(done);
    };
    task.reject = (error) => {
      forget();
      reject(error);
    };
  }

  /** A running job cannot be asked to stop: unless it ends shortly, its worker is cheaper than its remaining work. */
  #endSoon(seat: Seat<Job, Result>): void {
    clearTimeout(seat.timer);
    seat.timer = setTimeout(() => {
      this.#dismiss(seat);
      this.#dispatch();
    }, ABORT_GRACE_MS);
  }

  #dispatch(): void {
    while (this.#assignOne(this.#urgent) || this.#assignOne(this.#waiting)) {}
    this.stats.queued = this.#urgent.length + this.#waiting.length;
  }

  #assignOne(queue: Task<Job, Result>[]): boolean {
    for (let index = 0; index < queue.length; index++) {
      const task = queue[index]!;
      const seat = task.settled ? undefined : this.#freeSeat(task.options.not);
      if (!task.settled && !seat) continue;
      queue.splice(index, 1);
      if (seat) this.#start(seat, task);
      return true;
    }
    return false;
  }

  #freeSeat(not: number | undefined): Seat<Job, Result> | undefined {
    for (const seat of this.#seats) if (!seat.task && seat.id !== not) return seat;
    return this.#seats.size < this.options.workers ? this.#hire() : undefined;
  }

  #hire(): Seat<Job, Result> {
    const seat: Seat<Job, Result> = { id: ++this.#lastId, worker: this.options.spawn() as BunWorker };
    seat.worker.onmessage = (event: MessageEvent<JobAnswer<Result>>) => this.#answered(seat, event.data);
    seat.worker.onerror = (event) => this.#lost(seat, event.message);
    seat.worker.addEventListener("close", () => this.#lost(seat, "it ended by itself"));
    seat.worker.unref();
    this.#seats.add(seat);
    return seat;
  }

  #start(seat: Seat<Job, Result>, task: Task<Job, Result>): void {
    seat.task = task;
    seat.timer = setTimeout(() => this.#overdue(seat), this.options.jobLimitMs);
    seat.worker.ref();
    this.stats.running++;
    this.stats.jobs++;
    try {
      seat.worker.postMessage(task.job, (task.options.transfer ?? []) as ArrayBuffer[]);
    } catch (error) {
      this.#release(seat);
      this.stats.failures++;
      fail(task, new JobFailure("threw", `the job could not be sent: ${(error as Error).message}`));
    }
  }

  #answered(seat: Seat<Job, Result>, answer: JobAnswer<Result>): void {
    const { task } = seat;
    if (!task) return;
    this.#release(seat);
    if (answer.ok) {
      task.settled = true;
      task.resolve({ result: answer.result, worker: seat.id, cpuSeconds: answer.cpuSeconds });
    } else {
      this.stats.failures++;
      fail(task, thrown(answer.failure));
    }
    this.#dispatch();
  }

  #overdue(seat: Seat<Job, Result>): void {
    const seconds = Math.round(this.options.jobLimitMs / 1000);
    this.#fire(seat, new JobFailure("timeout", `the worker took more than ${seconds} s`));
  }

  #lost(seat: Seat<Job, Result>, why: string): void {
    // The message of a worker's error event is a source dump: its first line says enough.
    const reason = why.split("\n", 1)[0]!;
    if (this.#seats.has(seat)) this.#fire(seat, new JobFailure("crashed", `the worker died: ${reason}`));
  }

  #fire(seat: Seat<Job, Result>, failure: JobFailure): void {
    const { task } = seat;
    this.#dismiss(seat);
    if (task) {
      this.stats.failures++;
      fail(task, failure);
    }
    this.#dispatch();
  }

  #dismiss(seat: Seat<Job, Result>): void {
    if (seat.task) this.#release(seat);
    this.#seats.delete(seat);
    this.stats.replaced++;
    seat.worker.terminate();
  }

  #release(seat: Seat<Job, Result>): void {
    clearTimeout(seat.timer);
    seat.task = undefined;
    seat.worker.unref();
    this.stats.running--;
  }
}

function fail(task: { settled: boolean; reject(error: Error): void }, error: Error): void {
  if (task.settled) return;
  task.settled = true;
  task.reject(error);
}

function thrown(failure: JobError): Error {
  return failure.refusal ? Refusal.revive(failure.refusal) : new JobFailure("threw", failure.message);
}

export function aborted(): Refusal {
  return new Refusal("aborted", "The work was stopped because the client went away.");
}

export function shuttingDown(): Refusal {
  return new Refusal("shutting_down", "The server is shutting down.");
}

import type { Job, Repository } from "../database/repository";
import { errorBody, Refusal } from "../errors";
import { randomHex } from "./names";
import type { UploadEvent } from "./vault";

/** A progress write to the database is worth making this often. */
const SAVE_MS = 1_000;

type Listener = (event: UploadEvent) => void;

/** Uploads under way: their progress for those who wait, their outcome for those who come back later. */
export class Jobs {
  readonly #running = new Map<string, { spaceId: string; event: UploadEvent }>();
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(private readonly repository: Repository) {}

  get count(): number {
    return this.#running.size;
  }

  /** Runs `work`, telling listeners of the space how it goes. */
  async track<T extends { id: string }>(
    spaceId: string,
    name: string,
    work: (progress: (fraction: number) => void) => Promise<T>,
    id = randomHex(16),
  ): Promise<T> {
    let fraction = 0;
    const tell = (more: Omit<UploadEvent, "id" | "name">) => this.#tell(spaceId, { id, name, ...more });
    tell({ state: "running", progress: 0 });
    try {
      const outcome = await work((progress) => {
        if (progress - fraction < 0.01) return;
        fraction = progress;
        tell({ state: "running", progress });
      });
      tell({ state: "done", progress: 1, uploadId: outcome.id });
      return outcome;
    } catch (error) {
      tell({ state: "failed", progress: fraction, error: errorBody(error) });
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  /** Starts `work` in the background under a job that the database remembers. */
  async start<T extends { id: string }>(
    spaceId: string,
    name: string,
    work: (progress: (fraction: number) => void) => Promise<T>,
    present: (outcome: T) => Record<string, unknown>,
  ): Promise<{ job: Job; finished: Promise<void> }> {
    const now = new Date();
    const job: Job = {
      id: randomHex(16),
      spaceId,
      state: "running",
      progress: 0,
      result: null,
      status: null,
      createdAt: now,
      updatedAt: now,
    };
    await this.repository.createJob(job);
    return { job, finished: this.#finish(job, name, work, present) };
  }

  async find(spaceId: string, id: string): Promise<Job> {
    const job = await this.repository.job(spaceId, id);
    if (!job) throw new Refusal("not_found", `There is no upload job ${id} in this space.`);
    const running = this.#running.get(id);
    return running && job.state === "running" ? { ...job, progress: running.event.progress } : job;
  }

  /** What runs now, then every change, until `signal` aborts. */
  async *events(spaceId: string, signal: AbortSignal): AsyncGenerator<UploadEvent> {
    const queue = [...this.#running.values()].filter((job) => job.spaceId === spaceId).map((job) => job.event);
    let wake = () => {};
    const listener: Listener = (event) => {
      queue.push(event);
      wake();
    };
    const listeners = this.#listeners.get(spaceId) ?? new Set();
    this.#listeners.set(spaceId, listeners.add(listener));
    const stop = () => wake();
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", stop);
      listeners.delete(listener);
    }
  }

  async #finish<T extends { id: string }>(
    job: Job,
    name: string,
    work: (progress: (fraction: number) => void) => Promise<T>,
    present: (outcome: T) => Record<string, unknown>,
  ): Promise<void> {
    let saved = Date.now();
    const saving = (report: (fraction: number) => void) => (fraction: number) => {
      report(fraction);
      if (Date.now() - saved < SAVE_MS) return;
      saved = Date.now();
      void this.repository.updateJob(job.id, { progress: fraction }, new Date()).catch(() => {});
    };
    try {
      const outcome = await this.track(job.spaceId, name, (report) => work(saving(report)), job.id);
      await this.#settle(job.id, { state: "done", progress: 1, result: present(outcome), status: 201 });
    } catch (error) {
      const status = error instanceof Refusal ? error.status : 500;
      if (status === 500)
        console.error(JSON.stringify({ event: "upload_failed", job: job.id, error: String(error) }));
      await this.#settle(job.id, { state: "failed", result: { ...errorBody(error) }, status });
    }
  }

  /** A job's end must reach its row even when the database is briefly busy; its failure must not end the process. */
  async #settle(id: string, change: Parameters<Repository["updateJob"]>[1]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.repository.updateJob(id, change, new Date());
      } catch (error) {
        if (attempt === 5) return console.error(JSON.stringify({ event: "job_lost", id, error: String(error) }));
        await Bun.sleep(200 * attempt);
      }
    }
  }

  #tell(spaceId: string, event: UploadEvent): void {
    this.#running.set(event.id, { spaceId, event });
    for (const listener of this.#listeners.get(spaceId) ?? []) listener(event);
  }
}

import { Refusal, type RefusalJSON } from "../errors";

/** What a worker answers to the one job that it has. */
export type JobAnswer<Result> =
  | { readonly ok: true; readonly result: Result; readonly cpuSeconds: number }
  | { readonly ok: false; readonly failure: JobError };

/** A failure in the form that crosses a worker boundary. */
export interface JobError {
  /** Present when the job threw a {@link Refusal}. */
  readonly refusal?: RefusalJSON;
  readonly message: string;
}

/** A job's result and the buffers in it that go along instead of being copied. */
export interface Reply<Result> {
  readonly result: Result;
  readonly transfer: ArrayBufferLike[];
}

/** The worker's side of a `WorkerPool`: answers every job; whatever a job throws becomes an answer too. */
export function serveJobs<Job, Result>(work: (job: Job) => Reply<Result> | Promise<Reply<Result>>): void {
  const port = self as unknown as {
    onmessage: (event: MessageEvent<Job>) => void;
    postMessage(message: JobAnswer<Result>, transfer?: ArrayBufferLike[]): void;
  };
  port.onmessage = async ({ data: job }) => {
    const before = cpuSeconds();
    try {
      const { result, transfer } = await work(job);
      port.postMessage({ ok: true, result, cpuSeconds: cpuSeconds() - before }, transfer);
    } catch (error) {
      port.postMessage({ ok: false, failure: jobError(error) });
    }
  };
}

export function jobError(error: unknown): JobError {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof Refusal ? { refusal: error.toJSON(), message } : { message };
}

/**
 * The bytes in a buffer of their own, so that transferring it takes nothing else along; copies only where it must.
 */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer as ArrayBuffer) : new Uint8Array(bytes);
}

/** CPU seconds of this thread so far. */
export function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

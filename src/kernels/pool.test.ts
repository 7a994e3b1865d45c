import { afterEach, expect, test } from "bun:test";
import { JobFailure, WorkerPool } from "./pool";
import type { FixtureJob } from "./pool.fixture";

type Pool = WorkerPool<FixtureJob, { bytes: Uint8Array }>;
let pool: Pool;
afterEach(() => pool.close());

function open(options: { workers?: number; queueLimit?: number; jobLimitMs?: number } = {}): Pool {
  pool = new WorkerPool({
    spawn: () => new Worker(new URL("./pool.fixture.ts", import.meta.url)),
    workers: 2,
    queueLimit: 100,
    jobLimitMs: 30_000,
    ...options,
  });
  return pool;
}

const echo = (...values: number[]): FixtureJob => ({ kind: "echo", bytes: Uint8Array.from(values) });

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error("it did not fail"),
    (error) => error,
  );
}

test("jobs come back, each with its own answer", async () => {
  open();
  const done = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.run(echo(i))));
  expect(done.map(({ result }) => result.bytes[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(pool.stats).toMatchObject({ jobs: 20, failures: 0, queued: 0, running: 0 });
});

test("transferred buffers leave the sender", async () => {
  open();
  const bytes = Uint8Array.of(1, 2, 3);
  const { result } = await pool.run({ kind: "echo", bytes }, { transfer: [bytes.buffer] });
  expect(bytes.length).toBe(0);
  expect([...result.bytes]).toEqual([1, 2, 3]);
});

for (const kind of ["throw", "overflow"] as const) {
  test(`a job that fails by ${kind} leaves its worker alive`, async () => {
    open({ workers: 1 });
    const failure = await failureOf(pool.run({ kind }));
    expect(failure).toBeInstanceOf(JobFailure);
    expect((failure as JobFailure).reason).toBe("threw");
    expect((await pool.run(echo(7))).worker).toBe(1);
  });
}

for (const kind of ["exit", "crash"] as const) {
  test(`a worker lost by ${kind} is replaced`, async () => {
    open({ workers: 1 });
    const failure = await failureOf(pool.run({ kind }));
    expect((failure as JobFailure).reason).toBe("crashed");
    expect((await pool.run(echo(7))).result.bytes[0]).toBe(7);
    expect(pool.stats.replaced).toBe(1);
  });
}

test("an endless job is ended at its limit and the worker replaced", async () => {
  open({ workers: 1, jobLimitMs: 300 });
  const failure = await failureOf(pool.run({ kind: "hang" }));
  expect((failure as JobFailure).reason).toBe("timeout");
  expect((await pool.run(echo(7))).result.bytes[0]).toBe(7);
});

test("the worker that must not is not asked", async () => {
  open();
  const first = await pool.run(echo(1));
  for (let i = 0; i < 5; i++)
    expect((await pool.run(echo(1), { not: first.worker })).worker).not.toBe(first.worker);
});

test("aborting stops a running and a waiting job, and others go on", async () => {
  open({ workers: 1 });
  const running = new AbortController();
  const waiting = new AbortController();
  const endless = failureOf(pool.run({ kind: "hang" }, { signal: running.signal }));
  const queued = failureOf(pool.run(echo(1), { signal: waiting.signal }));
  const other = pool.run(echo(2));
  waiting.abort();
  expect(await queued).toMatchObject({ kind: "aborted" });
  running.abort();
  expect(await endless).toMatchObject({ kind: "aborted" });
  expect((await other).result.bytes[0]).toBe(2);
  expect(await failureOf(pool.run(echo(1), { signal: AbortSignal.abort() }))).toMatchObject({ kind: "aborted" });
});

test("a full queue refuses as busy", async () => {
  open({ workers: 1, queueLimit: 2 });
  const accepted = [pool.run({ kind: "sleep", ms: 50 }), pool.run(echo(1)), pool.run(echo(2))];
  expect(await failureOf(pool.run(echo(3)))).toMatchObject({ kind: "busy" });
  await Promise.all(accepted);
});

test("urgent jobs go first", async () => {
  open({ workers: 1 });
  const order: string[] = [];
  const note = (name: string) => () => order.push(name);
  await Promise.all([
    pool.run({ kind: "sleep", ms: 50 }),
    pool.run(echo(1)).then(note("patient")),
    pool.run(echo(2), { urgent: true }).then(note("urgent")),
  ]);
  expect(order).toEqual(["urgent", "patient"]);
});

test("closing fails what is not done", async () => {
  open({ workers: 1 });
  const failures = [pool.run({ kind: "hang" }), pool.run(echo(1))].map(failureOf);
  pool.close();
  for (const failure of await Promise.all(failures)) expect(failure).toMatchObject({ kind: "shutting_down" });
  expect(await failureOf(pool.run(echo(1)))).toMatchObject({ kind: "shutting_down" });
});

import { expect, test } from "bun:test";
import { Queue } from "./queue";

/** A task that ends when told to. */
function task() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let started = false;
  const run = () => {
    started = true;
    return promise;
  };
  return { run, end: resolve, started: () => started };
}

test("runs as many at once as it is wide, the others in order", async () => {
  const queue = new Queue(2, 10);
  const tasks = [task(), task(), task(), task()];
  const done = tasks.map(({ run }) => queue.run(run));
  const started = () => tasks.map((each) => each.started());
  expect(started()).toEqual([true, true, false, false]);
  tasks[1]!.end();
  await done[1];
  await Promise.resolve();
  expect(started()).toEqual([true, true, true, false]);
  for (const { end } of tasks) end();
  await Promise.all(done);
  expect(started()).toEqual([true, true, true, true]);
});

test("a task that fails makes room", async () => {
  const queue = new Queue(1, 1);
  await expect(queue.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await queue.run(async () => 7)).toBe(7);
});

test("refuses more than may wait, and lets the waiting leave", async () => {
  const queue = new Queue(1, 1);
  const first = task();
  const running = queue.run(first.run);
  const leaving = new AbortController();
  const waiting = queue.run(async () => {}, leaving.signal);
  await expect(queue.run(async () => {})).rejects.toMatchObject({ kind: "busy" });
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ kind: "aborted" });
  const next = queue.run(async () => "next");
  first.end();
  await running;
  expect(await next).toBe("next");
});

import { expect, test } from "bun:test";
import { runChild } from "./child";

const LIMITS = { seconds: 30, bytes: 2 ** 30 };

function script(source: string): string[] {
  return [process.execPath, "-e", source];
}

test("gives lines, exit code and complaint", async () => {
  const lines: string[] = [];
  const command = script('console.log("one"); console.log("two"); console.error("oh"); process.exit(3)');
  const end = await runChild(command, { limits: LIMITS, onLine: (line) => lines.push(line) });
  expect(lines).toEqual(["one", "two"]);
  expect(end).toEqual({ code: 3, complaint: "oh" });
});

test("tells a death by signal from an exit", async () => {
  const end = await runChild(["sh", "-c", "kill -SEGV $$"], { limits: LIMITS });
  expect(end.code).toBeNull();
});

test("passes nothing of the environment on but the path", async () => {
  process.env.SMALLEST_TEST_SECRET = "secret";
  const lines: string[] = [];
  await runChild(["env"], { limits: LIMITS, onLine: (line) => lines.push(line) });
  delete process.env.SMALLEST_TEST_SECRET;
  expect(lines.join("\n")).not.toContain("secret");
});

test("ends what takes too long", async () => {
  const endless = runChild(["sleep", "1000"], { limits: { ...LIMITS, seconds: 0.2 } });
  await expect(endless).rejects.toMatchObject({ kind: "too_large" });
});

test("ends what takes too much memory", async () => {
  const greedy = script("const all = []; setInterval(() => all.push(new Uint8Array(32 << 20).fill(1)), 20)");
  const run = runChild(greedy, { limits: { ...LIMITS, bytes: 256 << 20 } });
  await expect(run).rejects.toMatchObject({ kind: "too_large" });
});

test("ends when aborted, and does not begin when aborted before", async () => {
  const run = runChild(["sleep", "1000"], { limits: LIMITS, signal: AbortSignal.timeout(100) });
  await expect(run).rejects.toMatchObject({ kind: "aborted" });
  const never = runChild(["sleep", "1000"], { limits: LIMITS, signal: AbortSignal.abort() });
  await expect(never).rejects.toMatchObject({ kind: "aborted" });
});

test("refuses a program that is not there", async () => {
  const run = runChild(["/nonexistent/engine"], { limits: LIMITS });
  await expect(run).rejects.toMatchObject({ kind: "engine_unavailable" });
});

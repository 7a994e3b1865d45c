import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { Refusal } from "../errors";

export interface ChildLimits {
  readonly seconds: number;
  /** Resident memory. */
  readonly bytes: number;
}

export interface ChildOptions {
  readonly limits: ChildLimits;
  readonly signal?: AbortSignal;
  /** Every line of standard output. */
  onLine?(line: string): void;
}

export interface ChildEnd {
  /** 0 for success; null when a signal ended it, such as ours for a process that is stuck. */
  readonly code: number | null;
  /** The last words on standard error, for the log. */
  readonly complaint: string;
}

const WATCH_MS = 250;
/** Milliseconds without any processor time after which a process counts as stuck. */
const STALL_MS = 300_000;
const PAGE_BYTES = 4096;
const MAX_LINE = 64 << 10;
const MAX_COMPLAINT = 2000;
/** Media work gives way to answering requests. */
const NICENESS = 10;

/**
 * Runs an engine in a process of its own: it reads hostile files and must not share memory, secrets or fate with
 * the server. It is killed when the signal aborts and when it takes too long or too much memory.
 * @throws Refusal `aborted`, `too_large` (over a limit), `engine_unavailable` (cannot be started)
 */
export async function runChild(command: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  const { limits, signal, onLine } = options;
  if (signal?.aborted) throw aborted();
  const child = start(command);
  let verdict: Refusal | null = null;
  const kill = (refusal: Refusal) => {
    verdict ??= refusal;
    child.kill("SIGKILL");
  };
  const onAbort = () => kill(aborted());
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => kill(tooSlow(limits.seconds)), limits.seconds * 1000);
  const stalled = stallWatch(child.pid);
  const watch = setInterval(async () => {
    if ((await residentBytes(child.pid)) > limits.bytes) kill(tooBig());
    if (await stalled()) child.kill("SIGKILL");
  }, WATCH_MS);
  try {
    const [complaint, code] = await Promise.all([
      tail(child.stderr),
      child.exited,
      readLines(child.stdout, onLine),
    ]);
    if (verdict) throw verdict;
    return { code: child.signalCode ? null : code, complaint };
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener("abort", onAbort);
    child.kill("SIGKILL");
  }
}

function start(command: readonly string[]) {
  try {
    const child = Bun.spawn([...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // Nothing of the server's environment, which may hold keys. Errors only from SVT-AV1; no cache of Bun's.
      env: {
        PATH: process.env.PATH ?? "",
        LANG: "C.UTF-8",
        SVT_LOG: "1",
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      },
    });
    try {
      setPriority(child.pid, NICENESS);
    } catch {
      // It has ended already.
    }
    return child;
  } catch (error) {
    throw new Refusal("engine_unavailable", `The media engine cannot be started: ${(error as Error).message}.`);
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine?: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!.slice(-MAX_LINE);
    for (const line of lines) onLine?.(line);
  }
  if (rest) onLine?.(rest);
}

async function tail(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text = (text + decoder.decode(chunk, { stream: true })).slice(-MAX_COMPLAINT);
  return text.trim();
}

/** 0 where the system has no /proc. */
async function residentBytes(pid: number): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "");
  return Number(statm.split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** Tells whether the process has not run at all for {@link STALL_MS}. */
function stallWatch(pid: number): () => Promise<boolean> {
  let ticks = "";
  let since = Date.now();
  return async () => {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // proc(5): utime and stime are fields 14 and 15; the second, the name, may hold spaces but ends in ") ".
    const now = stat
      .slice(stat.lastIndexOf(") ") + 2)
      .split(" ")
      .slice(11, 13)
      .join(" ");
    if (now === "" || now !== ticks) since = Date.now();
    ticks = now;
    return Date.now() - since > STALL_MS;
  };
}

function aborted(): Refusal {
  return new Refusal("aborted", "The request was aborted.");
}

function tooSlow(seconds: number): Refusal {
  const minutes = Math.round(seconds / 60);
  return new Refusal(
    "too_large",
    `The file takes more than ${minutes} minutes to compress; send it in shorter parts.`,
  );
}

function tooBig(): Refusal {
  return new Refusal("too_large", "The picture is too large: compressing it takes more memory than is allowed.");
}

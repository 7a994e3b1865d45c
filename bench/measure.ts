import { readFileSync, writeFileSync } from "node:fs";

export interface Cost<Value> {
  readonly value: Value;
  /** CPU seconds of this process with all of its threads, user and system. */
  readonly cpuSeconds: number;
  /** The most memory that the process held meanwhile. */
  readonly peakBytes: number;
}

/** Does the work and tells what it cost. Nothing else may run meanwhile. */
export async function measure<Value>(work: () => Value | Promise<Value>): Promise<Cost<Value>> {
  Bun.gc(true);
  forgetPeak();
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  return { value, cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes() };
}

/** Linux keeps the high-water mark of the resident set, and 5 written here resets it (proc(5)). */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere the mark is that of the whole run.
  }
}

function peakBytes(): number {
  try {
    const status = readFileSync("/proc/self/status", "latin1");
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

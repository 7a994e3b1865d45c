/** A worker for the pool's tests: does what it is told, including the worst. */
import { serveJobs } from "./pool-worker";

export type FixtureJob =
  | { kind: "echo"; bytes: Uint8Array }
  | { kind: "throw" | "exit" | "crash" | "hang" | "overflow" }
  | { kind: "sleep"; ms: number };

serveJobs<FixtureJob, { bytes: Uint8Array }>(async (job) => {
  switch (job.kind) {
    case "echo":
      return { result: { bytes: job.bytes }, transfer: [job.bytes.buffer] };
    case "sleep":
      await Bun.sleep(job.ms);
      return { result: { bytes: new Uint8Array(0) }, transfer: [] };
    case "exit":
      process.exit(1);
      break;
    case "crash":
      setTimeout(() => {
        throw new Error("out of nowhere");
      });
      await Bun.sleep(10_000);
      break;
    case "hang":
      for (;;) {}
    case "overflow": {
      const deeper = (n: number): number => 1 + deeper(n + 1);
      deeper(0);
    }
  }
  throw new Error("as told");
});

import type { Appliance } from "./appliance";
import type { Readiness } from "./vault";

const PROBE_MS = 3_000;

/** Asks storage and database for a sign of life; each answer is `ok` or what is wrong. */
export async function readiness({ engine, repository, stores }: Appliance): Promise<Readiness> {
  const [storage, database] = await Promise.all([
    answer(async () => void (await (await stores.require()).size("readiness"))),
    answer(() => repository.ping()),
  ]);
  const { running, queued } = engine.stats();
  return {
    ready: storage === "ok" && database === "ok",
    storage,
    database,
    workers: `${running} of ${engine.workers} busy, ${queued} jobs waiting`,
  };
}

async function answer(probe: () => Promise<void>): Promise<string> {
  const late = Bun.sleep(PROBE_MS).then(() => `no answer within ${PROBE_MS / 1000} seconds`);
  const asked = probe().then(
    () => "ok",
    (error) => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([asked, late]);
}

/** The Prometheus page. */
export function metricsPage({ engine, jobs, metrics }: Appliance): string {
  const { running, queued, replaced } = engine.stats();
  return metrics.render({
    smallest_jobs_running: jobs.count,
    smallest_workers_busy: running,
    smallest_queue_length: queued,
    smallest_worker_replacements_total: replaced,
    smallest_resident_bytes: process.memoryUsage.rss(),
    smallest_uptime_seconds: Math.round(process.uptime()),
  });
}

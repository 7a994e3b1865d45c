/** Counters and gauges in Prometheus' text exposition format 0.0.4. */
export class Metrics {
  readonly #values = new Map<string, number>();

  /** Adds to a counter. `labels` values must come from small closed sets. */
  count(name: MetricName, labels: Record<string, string> = {}, by = 1): void {
    const series = seriesName(name, labels);
    this.#values.set(series, (this.#values.get(series) ?? 0) + by);
  }

  /** The whole page: counters so far and the gauges read now. */
  render(gauges: Partial<Record<MetricName, number>>): string {
    const samples = new Map(this.#values);
    for (const [name, value] of Object.entries(gauges)) samples.set(name, value);
    const lines: string[] = [];
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      const series = [...samples].filter(([key]) => key === name || key.startsWith(`${name}{`));
      if (series.length === 0) continue;
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      for (const [key, value] of series.sort()) lines.push(`${key} ${value}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

const METRICS = {
  smallest_uploads_total: { type: "counter", help: "Uploads by codec and outcome." },
  smallest_upload_bytes_total: { type: "counter", help: "Original bytes of stored uploads, by codec." },
  smallest_stored_bytes_total: { type: "counter", help: "Compressed bytes of stored uploads, by codec." },
  smallest_compression_seconds_total: { type: "counter", help: "Wall time spent compressing, by codec." },
  smallest_downloads_total: { type: "counter", help: "Downloads by outcome." },
  smallest_download_bytes_total: { type: "counter", help: "Bytes sent by downloads." },
  smallest_media_total: { type: "counter", help: "Images and videos compressed, by kind and outcome." },
  smallest_deleted_total: { type: "counter", help: "Files deleted." },
  smallest_damaged_total: { type: "counter", help: "Reads that found a damaged archive." },
  smallest_swept_objects_total: { type: "counter", help: "Objects removed from the store." },
  smallest_fallback_segments_total: {
    type: "counter",
    help: "Segments stored by the general model after their own failed.",
  },
  smallest_worker_replacements_total: {
    type: "counter",
    help: "Workers replaced after a trap, a stall or growth.",
  },
  smallest_jobs_running: { type: "gauge", help: "Uploads under way." },
  smallest_workers_busy: { type: "gauge", help: "Workers at work." },
  smallest_queue_length: { type: "gauge", help: "Segments waiting for a worker." },
  smallest_resident_bytes: { type: "gauge", help: "Resident memory of the process." },
  smallest_uptime_seconds: { type: "gauge", help: "Seconds since the start." },
} as const;

export type MetricName = keyof typeof METRICS;

function seriesName(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/["\\\n]/g, "_")}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

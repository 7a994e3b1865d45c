import type { Space } from "../api/types";
import { bytes, exactBytes, plural, saved } from "../format";

/** What the space holds, in large figures, and what is left of its limits. */
export function UsagePanel({ space }: { space: Space | null }) {
  const usage = space?.usage;
  const original = usage?.totalOriginalBytes ?? 0;
  const compressed = usage?.totalCompressedBytes ?? 0;
  const share = original > 0 ? Math.min(1, compressed / original) : 0;
  return (
    <section class="usage" aria-label="Usage" aria-busy={space === null}>
      <Figure label="Files" value={usage ? usage.totalFiles.toLocaleString("en") : "…"} />
      <Figure label="Original" value={bytes(original)} title={exactBytes(original)} />
      <Figure label="Stored" value={bytes(compressed)} title={exactBytes(compressed)} />
      <Figure label="Saved" value={saved(original, compressed)} strong />
      {original > 0 && (
        <svg class="share" role="img" aria-label={`${bytes(compressed)} kept of ${bytes(original)}`}>
          <rect class="whole" width="100%" height="100%" />
          <rect class="kept" width={`${Math.max(share * 100, 0.5)}%`} height="100%" />
        </svg>
      )}
      <Limits space={space} />
    </section>
  );
}

interface FigureProps {
  label: string;
  value: string;
  title?: string;
  strong?: boolean;
}

function Figure({ label, value, title, strong }: FigureProps) {
  return (
    <div class={strong ? "figure strong" : "figure"}>
      <span class="label">{label}</span>
      <span class="value" title={title}>
        {value}
      </span>
    </div>
  );
}

function Limits({ space }: { space: Space | null }) {
  const limits: string[] = [];
  if (space !== null && space.credits !== null) limits.push(`${plural(space.credits, "credit")} left`);
  if (space !== null && space.quotaBytes !== null) limits.push(`quota ${bytes(space.quotaBytes)}`);
  return limits.length === 0 ? null : <p class="quiet small limits">{limits.join(" · ")}</p>;
}

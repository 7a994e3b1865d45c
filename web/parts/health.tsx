import { useEffect, useState } from "preact/hooks";
import { readiness, sentence } from "../api/client";
import type { Readiness } from "../api/types";

const CHECK_MS = 30_000;

/** Whether storage, database and workers are well, asked every half minute. */
export function Health() {
  const [state, setState] = useState<Readiness | string | null>(null);

  useEffect(() => {
    const check = () => readiness().then(setState, (error) => setState(sentence(error)));
    check();
    const timer = setInterval(check, CHECK_MS);
    return () => clearInterval(timer);
  }, []);

  const ready = typeof state === "object" && state?.ready === true;
  const word = state === null ? "Checking" : ready ? "Ready" : typeof state === "string" ? "Offline" : "Not ready";
  return (
    <details class="health">
      <summary>
        <span class={`dot ${state === null ? "" : ready ? "good" : "bad"}`} aria-hidden="true" />
        <span role="status">{word}</span>
      </summary>
      <div class="bubble">
        {typeof state === "string" ? (
          <p>{state}</p>
        ) : (
          <dl class="details">
            {(["storage", "database", "workers"] as const).map((part) => (
              <div key={part}>
                <dt>{part}</dt>
                <dd>{state?.[part] ?? "…"}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </details>
  );
}

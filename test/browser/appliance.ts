/** The real server on a fresh data directory, in a process of its own. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");
const START_MS = 30_000;

export interface RunningAppliance {
  readonly url: string;
  /** The one-time link of the first start. */
  readonly setupLink: string;
  /** The administrator's key of the first start. */
  readonly key: string;
  stop(): Promise<void>;
}

export async function startAppliance(): Promise<RunningAppliance> {
  const data = mkdtempSync(join(tmpdir(), "smallest-browser-"));
  const log = `${data}.log`;
  const child = Bun.spawn([process.execPath, join(ROOT, "src/main.ts"), "serve", "--port", "0", "--data", data], {
    stdout: "pipe",
    stderr: Bun.file(log),
  });
  const timer = setTimeout(() => child.kill(), START_MS);
  let greeting = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    greeting += text;
    if (/#setup=\S+\s/.test(greeting)) break;
  }
  clearTimeout(timer);
  const find = (pattern: RegExp) => {
    const found = pattern.exec(greeting)?.[0];
    if (found === undefined) throw new Error(`The server did not start: ${greeting}${readFileSync(log, "utf8")}`);
    return found;
  };
  return {
    url: find(/http:\/\/\S+/),
    setupLink: find(/http:\S+#setup=\S+/),
    key: find(/smz_\S+/),
    async stop() {
      child.kill();
      await child.exited;
      rmSync(data, { recursive: true, force: true });
      rmSync(log, { force: true });
    },
  };
}

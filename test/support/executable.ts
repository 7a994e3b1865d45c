import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");

/** How long a build may take on a busy machine. */
export const BUILD_MS = 300_000;

let built: Promise<string> | undefined;

/** The path of the executable, outside of the source tree; built once for all tests of a run. */
export function buildExecutable(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "smallest-executable-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "smallest");
  const command = [process.execPath, join(ROOT, "scripts/build.ts"), path];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(complaint);
  return path;
}

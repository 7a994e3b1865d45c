/**
 * `npm run build`: makes `dist/smallest`, one executable with everything inside. An argument names another output.
 *
 * Only workers are further entry points: they are found by URL at run time, which no bundler follows. Bytecode needs
 * `--format=esm`; the other format bakes the path of this source tree into the executable.
 */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { EMBEDDED_SIDECAR } from "../src/media/sidecar/embedded";
import { stage } from "../src/media/sidecar/stage";

const ROOT = dirname(import.meta.dir);
const ENTRIES = ["src/main.ts", "src/graph/worker.ts", "src/codecs/worker.ts"];
/** Old hospital machines lack AVX2, so the runtime for x64 is the baseline one. */
const BASELINE = join(ROOT, "node_modules/@oven/bun-linux-x64-baseline/bin/bun");
const ZSTD_LEVEL = 12;

/** Lays out the video engine as it is embedded: every file compressed, and an index. False where there is none. */
async function layOutVideoEngine(folder: string): Promise<boolean> {
  await rm(folder, { recursive: true, force: true });
  const staging = await stage();
  if (!staging) return false;
  const { id, script, files } = staging;
  const contents = new Map<string, Uint8Array>([["transcode.js", Buffer.from(script)]]);
  for (const [name, path] of files) contents.set(name, await Bun.file(path).bytes());
  for (const [name, bytes] of contents) {
    const path = join(folder, `${name}.zst`);
    await mkdir(dirname(path), { recursive: true });
    await Bun.write(path, await Bun.zstdCompress(bytes, { level: ZSTD_LEVEL }));
  }
  await Bun.write(join(folder, "index.json"), JSON.stringify({ id, files: [...contents.keys()] }));
  return true;
}

async function compile(outfile: string, assets: readonly string[]): Promise<number> {
  await mkdir(dirname(outfile), { recursive: true });
  const build = Bun.spawn(
    [
      process.execPath,
      "build",
      "--compile",
      "--minify",
      "--bytecode",
      "--format=esm",
      "--sourcemap=none",
      ...(existsSync(BASELINE) ? [`--compile-executable-path=${BASELINE}`] : []),
      ...assets.map((path) => `--asset=${path}`),
      ...ENTRIES,
      `--outfile=${outfile}`,
    ],
    { cwd: ROOT, stdout: "inherit", stderr: "inherit" },
  );
  return build.exited;
}

const engine = join(ROOT, "dist", EMBEDDED_SIDECAR);
const hasEngine = await layOutVideoEngine(engine);
if (!hasEngine) console.warn("No video engine for this machine: videos will need an FFmpeg of the system.");
process.exitCode = await compile(
  resolve(process.argv[2] ?? join(ROOT, "dist/smallest")),
  hasEngine ? [engine] : [],
);

/**
 * `npm run build`: makes `dist/smallest`, one executable with everything inside. An argument names another output.
 *
 * Only workers are further entry points: they are found by URL at run time, which no bundler follows. Bytecode needs
 * `--format=esm`; the other format bakes the path of this source tree into the executable.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dir);
const outfile = process.argv[2] ?? join(root, "dist/smallest");
const entries = ["src/main.ts", "src/graph/worker.ts", "src/codecs/worker.ts"];
// Old hospital machines lack AVX2, so the runtime for x64 is the baseline one.
const baseline = join(root, "node_modules/@oven/bun-linux-x64-baseline/bin/bun");

mkdirSync(dirname(outfile), { recursive: true });
const build = Bun.spawnSync(
  [
    process.execPath,
    "build",
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    "--sourcemap=none",
    ...(existsSync(baseline) ? [`--compile-executable-path=${baseline}`] : []),
    ...entries,
    `--outfile=${outfile}`,
  ],
  { cwd: root, stdout: "inherit", stderr: "inherit" },
);
process.exitCode = build.exitCode;

/**
 * `node scripts/fuzz.mjs MODEL [SECONDS]`: runs one of the fuzz targets in `wasm/fuzz/src/bin`, for a minute unless
 * told; `all` runs each of them so long. Needs Rust and a C++ compiler. What was found lies in `wasm/fuzz/found`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const fuzz = join(dirname(dirname(fileURLToPath(import.meta.url))), "wasm", "fuzz");
const targets = readdirSync(join(fuzz, "src", "bin")).map((file) => file.replace(".rs", ""));
/** What libFuzzer goes by: which edges were taken, and what was compared. */
const COVERAGE = [
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
const HOST = "x86_64-unknown-linux-gnu";

const [target = "", seconds = "60"] = process.argv.slice(2);
const chosen = target === "all" ? targets : targets.filter((name) => name === target);
if (chosen.length === 0) {
  console.error(`name one of: all ${targets.join(" ")}`);
  process.exit(2);
}
const failed = chosen.filter((name) => !run(name));
if (failed.length > 0) console.error(`found something: ${failed.join(" ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function run(name) {
  const found = join(fuzz, "found", name);
  const corpus = join(fuzz, "corpus", name);
  for (const folder of [found, corpus]) mkdirSync(folder, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, "-timeout=20", "-rss_limit_mb=1024", "-max_len=4096"];
  const libfuzzer = [corpus, ...limits, `-artifact_prefix=${found}/`, "-print_final_stats=1"];
  // A target of its own name keeps the flags away from build scripts.
  const args = ["run", "--release", "--target", HOST, "--bin", name, "--", ...libfuzzer];
  const env = { ...process.env, CARGO_ENCODED_RUSTFLAGS: COVERAGE.join("\x1f") };
  return spawnSync("cargo", args, { cwd: fuzz, env, stdio: "inherit" }).status === 0;
}

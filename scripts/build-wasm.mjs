/**
 * `npm run build:wasm`: builds the modules of `wasm/modules` into `wasm/dist`, with the list of their SHA-256.
 * `--check` builds and compares with what is committed instead. `--only NAME` takes one module.
 *
 * The compiler is Debian's `rustc-web`, which knows the target wasm32-unknown-unknown and has the standard library's
 * source; its version is part of the list, since another compiler gives other bytes. C parts of crates go through
 * Debian's clang. Missing packages are installed when this runs as root.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const workspace = join(dirname(dirname(fileURLToPath(import.meta.url))), "wasm");
const dist = join(workspace, "dist");
const list = join(dist, "SHA256SUMS");
const RUSTC = "/usr/bin/rustc";
const CARGO = "/usr/bin/cargo";
const LINKER = "/usr/bin/wasm-ld-19";
const CC = "/usr/bin/clang-19";
const AR = "/usr/bin/llvm-ar-19";
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "lld-19", "clang-19", "llvm-19"];
const TARGET = "wasm32-unknown-unknown";
/** What an instance may grow to: a job that needs more stops, and its worker lives on. */
const MOST_MEMORY = 512 << 20;
/** Exit code, apart from that of a failed build and of modules that differ. */
const OTHER_COMPILER = 3;

installToolchain();
const check = process.argv.includes("--check");
const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1] : undefined;
const version = run(RUSTC, ["--version"], { stdio: "pipe" }).trim();
const names = readdirSync(join(workspace, "modules")).filter((name) => !only || name === only);
build(names);
process.exitCode = check ? compare() : keep();

function installToolchain() {
  if ([RUSTC, CARGO, LINKER, CC, AR].every((file) => existsSync(file))) return;
  if (process.getuid() !== 0) fail(`install these packages first: ${PACKAGES.join(" ")}`);
  run("apt-get", ["update", "-q"]);
  run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...PACKAGES]);
}

function build(modules) {
  const sysroot = run(RUSTC, ["--print", "sysroot"], { stdio: "pipe" }).trim();
  const home = process.env.CARGO_HOME ?? join(process.env.HOME ?? "/root", ".cargo");
  // No path of the machine that builds may reach the bytes.
  const remapped = [
    [workspace, "/wasm"],
    [home, "/cargo"],
    [sysroot, "/rust"],
  ].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const linking = ["-Clink-arg=--stack-first", `-Clink-arg=--max-memory=${MOST_MEMORY}`];
  const flags = ["-Ctarget-feature=+simd128", ...linking, ...remapped];
  const env = {
    ...process.env,
    RUSTC,
    RUSTC_BOOTSTRAP: "1",
    CARGO_TARGET_DIR: targetFolder(),
    CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"),
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: LINKER,
    CC_wasm32_unknown_unknown: CC,
    AR_wasm32_unknown_unknown: AR,
    CFLAGS_wasm32_unknown_unknown: `-O3 -ffile-prefix-map=${home}=/cargo`,
  };
  const wanted = modules.flatMap((name) => ["-p", name]);
  const standard = "-Zbuild-std=std,panic_abort";
  run(CARGO, ["build", "--locked", standard, "--target", TARGET, "--release", ...wanted], { cwd: workspace, env });
}

function targetFolder() {
  return process.env.CARGO_TARGET_DIR ?? join(workspace, "target");
}

function built(name) {
  return readFileSync(join(targetFolder(), TARGET, "release", `${name}.wasm`));
}

function keep() {
  mkdirSync(dist, { recursive: true });
  for (const name of names) writeFileSync(join(dist, `${name}.wasm`), built(name));
  const kept = readdirSync(dist).filter((name) => name.endsWith(".wasm"));
  const lines = kept.sort().map((name) => `${sha256(readFileSync(join(dist, name)))}  ${name}`);
  writeFileSync(list, `# ${version}\n${lines.join("\n")}\n`);
  return 0;
}

function compare() {
  const committed = readFileSync(list, "utf8");
  if (!committed.startsWith(`# ${version}\n`)) {
    console.error(`the modules were built by another compiler than ${version}: they cannot be compared`);
    return OTHER_COMPILER;
  }
  const wrong = names.filter((name) => !committed.includes(`${sha256(built(name))}  ${name}.wasm\n`));
  if (wrong.length > 0) console.error(`these modules are not what their source gives: ${wrong.join(", ")}`);
  return wrong.length > 0 ? 1 : 0;
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

function run(command, args, options) {
  const done = spawnSync(command, args, { stdio: "inherit", encoding: "utf8", ...options });
  if (done.status !== 0) fail(`${command} ${args[0]} failed${done.stderr ? `: ${done.stderr}` : ""}`);
  return done.stdout ?? "";
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

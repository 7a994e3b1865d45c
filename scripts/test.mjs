// `npm test`: gets what the tests need, starts PostgreSQL and an S3 server, runs every check, stops them again.
// Plain JavaScript for Node and npm alone, since nothing else is there on a fresh machine.
// Arguments go to `bun test`: `npm test -- src/archive`.

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUN = join(ROOT, "node_modules/.bin/bun");
const TEST_MINUTES = 25;
/** Machines that run tests are often busy: a hang is found all the same, a slow test is no failure. */
const TEST_MS = 120_000;
/** How the build of the modules ends when another compiler than theirs is installed: nothing can be compared. */
const OTHER_COMPILER = 3;

/** Debian packages, by the command that shows that one is there already. */
const DEBIAN = {
  "/usr/lib/postgresql": ["postgresql"],
  "/usr/bin/radosgw": ["radosgw", "ceph-mon", "ceph-osd", "ceph-common"],
  "/usr/bin/chromium": ["chromium"],
  "/usr/bin/ffprobe": ["ffmpeg"],
  "/usr/lib/python3/dist-packages/requests": ["python3-requests"],
  "/usr/bin/rustc": ["rustc-web", "cargo-web", "rust-web-src"],
  "/usr/bin/wasm-ld-19": ["lld-19"],
};

/**
 * Servers for the tests. `up.sh FOLDER PORT` prints the value of the variable on its last line, `down.sh FOLDER`
 * stops what it started. Folder and port are of this run alone, so that runs do not meet.
 */
const SERVICES = [
  { name: "postgres", needs: "/usr/lib/postgresql", variable: "SMALLEST_TEST_POSTGRES" },
  { name: "s3", needs: "/usr/bin/radosgw", variable: "SMALLEST_TEST_S3" },
];

const totals = { pass: 0, fail: 0, skip: 0 };
const running = new Set();
const started = [];
let services;

function say(text) {
  process.stdout.write(`\n== ${text}\n`);
}

/** Runs a command in the repository, its output passed through; resolves with exit code and output. */
function run(command, args, { env = {}, minutes = 10 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    let output = "";
    const timer = setTimeout(() => {
      process.stdout.write(`\n${command} ran longer than ${minutes} minutes and was stopped\n`);
      child.kill("SIGKILL");
    }, minutes * 60_000);
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.setEncoding("utf8");
      from.on("data", (text) => {
        output += text;
        to.write(text);
      });
    }
    const end = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}

/** A yes-or-no check that counts as one test. */
async function check(name, command, args, options) {
  say(name);
  const { code } = await run(command, args, options);
  totals[code === 0 ? "pass" : "fail"]++;
  return code === 0;
}

/** Whether every package of the lock file (but optional ones) is installed in its version. */
function packagesCurrent() {
  const installed = join(ROOT, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const read = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  const have = read(installed);
  return Object.entries(read(join(ROOT, "package-lock.json"))).every(
    ([path, wanted]) => path === "" || wanted.optional || have[path]?.version === wanted.version,
  );
}

async function installPackages() {
  if (!packagesCurrent()) {
    say("npm install");
    // The versions of the lock file; `npm ci` would want packages for other platforms, which not every registry has.
    const { code } = await run("npm", ["install", "--no-save"], { minutes: 20 });
    if (code !== 0) throw new Error("npm install failed");
  }
  // npm may be set not to run install scripts; bun's own puts the executable for this machine in place.
  if (spawnSync(BUN, ["--version"]).status !== 0) {
    const { code } = await run(process.execPath, ["node_modules/bun/install.js"]);
    if (code !== 0) throw new Error("Bun could not be installed");
  }
}

async function installDebianPackages() {
  const missing = Object.entries(DEBIAN).filter(([path]) => !existsSync(path));
  if (missing.length === 0) return;
  const names = missing.flatMap(([, packages]) => packages);
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) {
    say(`not root on Debian: tests that need ${names.join(", ")} will be skipped unless they are there`);
    return;
  }
  say(`apt-get install ${names.join(" ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const lock = ["-o", "DPkg::Lock::Timeout=300", "-qq"];
  await run("apt-get", [...lock, "update"], { env });
  const { code } = await run("apt-get", [...lock, "install", "-y", "--no-install-recommends", ...names], { env });
  if (code !== 0) say("not all Debian packages could be installed; the tests that need them will be skipped");
}

/** Below the range from which systems number outgoing connections: one of those may take a port of it at any time. */
function freePort() {
  const port = 10_000 + Math.floor(Math.random() * 10_000);
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(freePort()));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)));
  });
}

/** Starts the test servers that are not given from outside; one that does not start is a failed check. */
async function startServices() {
  const env = {};
  for (const { name, needs, variable } of SERVICES) {
    if (process.env[variable]) continue;
    if (!existsSync(needs)) {
      say(`${name} is not installed: its tests are skipped`);
      continue;
    }
    say(`starting ${name}`);
    // The servers run as users of their own.
    chmodSync((services ??= mkdtempSync(join(tmpdir(), "smallest-services-"))), 0o755);
    started.push(name);
    const address = (await startService(name)) ?? (await startService(name));
    if (address) env[variable] = address;
    totals[address ? "pass" : "fail"]++;
  }
  return env;
}

/** The address of the server; undefined when it did not start, as a port that another took meanwhile may cause. */
async function startService(name) {
  const words = [`test/${name}/up.sh`, join(services, name), String(await freePort())];
  const { code, output } = await run("bash", words);
  if (code === 0) return output.trim().split("\n").at(-1);
  spawnSync("bash", [`test/${name}/down.sh`, join(services, name)], { cwd: ROOT, stdio: "ignore" });
  return undefined;
}

function stopServices() {
  for (const name of started.splice(0)) {
    const down = [`test/${name}/down.sh`, join(services, name)];
    spawnSync("bash", down, { cwd: ROOT, stdio: "ignore", timeout: 60_000 });
  }
  if (services) rmSync(services, { recursive: true, force: true });
}

/** The models as native programs, and whether the committed modules are what the sources give. */
async function checkModels() {
  if (!existsSync("/usr/bin/rustc") || !existsSync("/usr/bin/wasm-ld-19")) {
    say("no Rust compiler: the models are tested as committed");
    totals.skip += 2;
    return;
  }
  say("cargo test");
  const modules = readdirSync(join(ROOT, "wasm/modules")).flatMap((name) => ["--exclude", name]);
  const words = ["test", "--locked", "--release", "--lib", "--tests", "--workspace", ...modules];
  const env = {
    RUSTC: "/usr/bin/rustc",
    CARGO_TARGET_DIR: join(ROOT, "wasm/target/native"),
    // What runs for seconds need not be optimised for minutes.
    CARGO_PROFILE_RELEASE_LTO: "off",
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  };
  const { code, output } = await run("/usr/bin/cargo", [...words, "--manifest-path", "wasm/Cargo.toml"], {
    env,
    minutes: 20,
  });
  for (const [, passed, failed] of output.matchAll(/^test result: .* (\d+) passed; (\d+) failed/gm)) {
    totals.pass += Number(passed);
    totals.fail += Number(failed);
  }
  if (code !== 0) totals.fail++;
  say("WebAssembly modules");
  const built = await run(process.execPath, ["scripts/build-wasm.mjs", "--check"], { minutes: 15 });
  totals[{ 0: "pass", [OTHER_COMPILER]: "skip" }[built.code] ?? "fail"]++;
}

async function runTests(env) {
  say("bun test");
  const words = ["test", `--timeout=${TEST_MS}`, ...process.argv.slice(2)];
  const { code, output } = await run(BUN, words, { env, minutes: TEST_MINUTES });
  const count = (word) => Number(output.match(new RegExp(`^ *(\\d+) ${word}$`, "m"))?.[1] ?? 0);
  totals.pass += count("pass");
  totals.skip += count("skip") + count("todo");
  // A crash or an error outside of a test fails the run without a failed test in the summary.
  totals.fail += Math.max(count("fail"), code === 0 ? 0 : 1);
}

function report() {
  const skipped = totals.skip > 0 ? `, ${totals.skip} skipped` : "";
  process.stdout.write(`\n${totals.pass} passed, ${totals.fail} failed${skipped}\n`);
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
]) {
  process.on(signal, () => {
    for (const child of running) child.kill("SIGKILL");
    stopServices();
    process.exit(code);
  });
}

try {
  await installPackages();
  await installDebianPackages();
  await check("biome check", process.execPath, ["node_modules/.bin/biome", "check"]);
  await check("tsc", process.execPath, ["node_modules/.bin/tsc", "--noEmit"]);
  await check("third-party notices", BUN, ["scripts/notices.ts", "--check"]);
  if (process.argv.length === 2) await checkModels();
  await runTests(await startServices());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  totals.fail++;
} finally {
  stopServices();
  report();
}
process.exitCode = totals.fail === 0 ? 0 : 1;

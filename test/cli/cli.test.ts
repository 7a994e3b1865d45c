import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { noise } from "../support/content";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
const LOG = Array.from(
  { length: 200 },
  (_, i) => `Jun 14 15:16:${10 + (i % 50)} host sshd[${i}]: session closed\n`,
).join("");

let folder: string;
let temporary: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "smallest-cli-"));
  temporary = mkdtempSync(join(tmpdir(), "smallest-cli-tmp-"));
  await Bun.write(join(folder, "app.log"), LOG);
  await Bun.write(join(folder, "noise"), noise(40_000_000));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(temporary, { recursive: true, force: true });
});

function start(words: string[], stdin: Blob | "ignore" = "ignore") {
  return Bun.spawn([process.execPath, MAIN, ...words], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdin,
    stdout: "pipe",
    stderr: "pipe",
  });
}

async function smallest(words: string[], stdin?: Blob) {
  const child = start(words, stdin);
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, text: new TextDecoder().decode(out), err, code };
}

async function shell(script: string): Promise<string> {
  const child = Bun.spawn(["sh", "-c", script, process.execPath, MAIN], {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return text;
}

const read = (name: string) => readFileSync(join(folder, name));

test("a file goes into an archive and comes back", async () => {
  const made = await smallest(["compress", "--codec", "log-files", "app.log", "-o", "a.smz", "--json"]);
  expect(made.code).toBe(0);
  const facts = JSON.parse(made.text);
  expect(facts).toMatchObject({ codec: "log-files", format: "log", lossless: true, verified: true });
  expect(facts).toMatchObject({ originalBytes: LOG.length, compressedBytes: read("a.smz").length });
  expect((await smallest(["decompress", "a.smz", "-o", "b.log"])).code).toBe(0);
  expect(read("b.log").toString()).toBe(LOG);
  const checked = await smallest(["verify", "a.smz"]);
  expect(checked).toMatchObject({ code: 0, err: expect.stringContaining("whole") });
});

test("standard input goes to standard output", async () => {
  const made = await smallest(["compress", "--codec", "log-files"], new Blob([LOG]));
  const back = await smallest(["decompress"], new Blob([made.out]));
  expect(back.text).toBe(LOG);
});

test("pipes are read like standard input", async () => {
  await shell('mkfifo in; cat app.log > in & "$0" "$1" compress in -o pipe.smz 2>&1; wait');
  expect((await smallest(["decompress", "pipe.smz", "-o", "-"])).text).toBe(LOG);
});

test("a pipe given as the output is written to, not replaced", async () => {
  await smallest(["compress", "app.log", "-o", "a.smz", "--force"]);
  const text = await shell('mkfifo out; cat out & "$0" "$1" decompress a.smz -o out; wait');
  expect(text).toBe(LOG);
  expect(statSync(join(folder, "out")).isFIFO()).toBe(true);
});

test("a link given as the output stays one", async () => {
  await Bun.write(join(folder, "real"), "old");
  symlinkSync("real", join(folder, "link"));
  expect((await smallest(["decompress", "a.smz", "-o", "link"])).code).toBe(0);
  expect(read("real").toString()).toBe(LOG);
});

test.each([
  [["compress", "missing"], 1, "There is no file missing."],
  [["compress", "."], 1, "is a directory"],
  [["compress", "app.log", "-o", "."], 1, "is a directory"],
  [["compress", "app.log", "-o", "no/where.smz"], 1, "There is no directory"],
  [["compress", "--codec", "dicom", "app.log", "-o", "x.smz"], 1, "not_dicom"],
  [["compress", "--codec", "zip", "app.log"], 2, "codec"],
  [["compress", "--codec", "fits", "--tile_size", "5", "missing"], 2, "64 to 1024"],
  [["compress", "--qualty", "high", "app.log"], 2, "qualty"],
  [["compress", "app.log", "a.smz"], 2, "one file"],
  [["decompress", "app.log", "-o", "x"], 3, "not a Smallest archive"],
  [["compress", "app.log", "-o", "./app.log"], 2, "is the input"],
  [["nonsense"], 2, "nonsense"],
  [["help", "nonsense"], 2, "nonsense"],
])("%j ends with %d", async (words, code, message) => {
  const ended = await smallest(words);
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(message);
  expect(ended.err.trim().split("\n")).toHaveLength(1);
});

test("nothing is overwritten that was not named", async () => {
  await smallest(["compress", "app.log"]);
  expect(await smallest(["compress", "app.log"])).toMatchObject({ code: 2 });
  expect(await smallest(["compress", "app.log", "--force"])).toMatchObject({ code: 0 });
});

test("a damaged archive ends with 3 and leaves no file", async () => {
  await Bun.write(join(folder, "cut.smz"), read("a.smz").subarray(0, -20));
  expect(await smallest(["decompress", "cut.smz", "-o", "cut.log"])).toMatchObject({ code: 3 });
  expect(await smallest(["verify", "cut.smz"])).toMatchObject({ code: 3 });
  expect(readdirSync(folder).filter((name) => name.includes("cut.log"))).toEqual([]);
});

test("an interrupt leaves nothing behind", async () => {
  const child = start(["compress", "noise", "--level", "max", "-o", "gone.smz"]);
  while (!readdirSync(folder).some((name) => name.startsWith(".gone.smz"))) await Bun.sleep(5);
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  expect(readdirSync(folder).filter((name) => name.includes("gone.smz"))).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

test("a file that changes meanwhile is refused", async () => {
  const child = start(["compress", "noise", "-o", "changed.smz"]);
  while (!readdirSync(folder).some((name) => name.startsWith(".changed.smz"))) await Bun.sleep(5);
  appendFileSync(join(folder, "noise"), "more");
  expect(await child.exited).toBe(1);
  expect(await new Response(child.stderr).text()).toContain("changed");
  expect(readdirSync(folder).filter((name) => name.includes("changed.smz"))).toEqual([]);
});

test("a reader that has seen enough is no error to tell of", async () => {
  const text = await shell('"$0" "$1" compress noise -o - 2> told | head -c 4 | wc -c; cat told');
  expect(text.trim()).toBe("4");
});

test("the first key is kept for a start that is seen", async () => {
  const taken = Bun.serve({ port: 0, fetch: () => new Response() });
  const serve = ["serve", "--data", join(folder, "data"), "--port"];
  expect(await smallest([...serve, String(taken.port)])).toMatchObject({ code: 1, text: "" });
  await taken.stop(true);
  const child = start([...serve, "0"]);
  for await (const chunk of child.stdout) {
    expect(new TextDecoder().decode(chunk)).toContain("smz_");
    break;
  }
  child.kill();
  expect(await child.exited).toBe(0);
});

test("--version is the command version", async () => {
  expect((await smallest(["--version"])).text).toBe((await smallest(["version"])).text);
});

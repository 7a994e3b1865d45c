import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Appliance } from "../support/in-process";

const FILES = ["model.pt", "legacy.pth", "oldest.pth", "model.safetensors"];
const SCRIPT = join(import.meta.dir, "loaders.py");

const python = Bun.spawnSync(["python3", "--version"], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
if (!python) console.warn("skipped: loaders of model weights need python3");

let appliance: Appliance;
let directory: string;

beforeAll(async () => {
  appliance = await Appliance.start();
  directory = mkdtempSync(join(tmpdir(), "smallest-loaders-"));
});
afterAll(async () => {
  await appliance.close();
  rmSync(directory, { recursive: true });
});

function run(...args: string[]): { status: number; out: string; err: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["python3", SCRIPT, ...args]);
  return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
}

describe.skipIf(!python)("loaders of model weights, in Python", () => {
  test.each([0, 1, 2, 3, 4])("open every download at drop_bits %d and find the nearest numbers", async (drop) => {
    expect(run("make", directory)).toMatchObject({ status: 0, err: "" });
    for (const name of FILES) {
      const body = await Bun.file(join(directory, name)).bytes();
      const answer = await appliance.upload(`/api/model-weights/upload?drop_bits=${drop}`, body, name);
      expect(answer.body).toMatchObject({ originalBytes: body.length, lossless: drop === 0, verified: true });
      await Bun.write(join(directory, name), await appliance.download(answer.body.uploadId));
    }
    const { status, out, err } = run("check", directory, String(drop));
    expect([status, err]).toEqual([0, ""]);
    expect(out.split("\n").filter(Boolean)).toEqual(FILES.map((name) => `${name}: 6 tensors`));
  });
});

/** Payloads that native code wrote (`wasm/vectors`): WebAssembly must write the same and read them. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "../model";
import { bwt, bwtLight } from "./bwt";
import { cm } from "./cm";

const FOLDER = join(import.meta.dir, "../../../wasm/vectors");
const NO_PARAMS = new Uint8Array(0);

const cases = [cm, bwt, bwtLight].flatMap((model) =>
  ["lines.txt", "records.bin", "wide.txt", "noise.bin"].map((name) => [model.name, name, model] as const),
);

test.each(cases)("%s codes %s as native code does", (suffix: string, name: string, model: Model) => {
  const raw = readFileSync(join(FOLDER, name));
  const payload = readFileSync(join(FOLDER, `${name}.${suffix}`));
  expect(Buffer.compare(model.encode(raw, NO_PARAMS, "max"), payload)).toBe(0);
  expect(Buffer.compare(model.decode(payload, NO_PARAMS, raw.length), raw)).toBe(0);
});

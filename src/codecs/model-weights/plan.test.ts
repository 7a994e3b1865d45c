import { expect, test } from "bun:test";
import type { Level, PlanNode } from "../../graph/plan";
import { noise, render } from "../testing";
import { modelWeights } from "./index";
import { makeSafetensors, type TestTensor } from "./making.fixture";

const noisy = (bytes: number) => ({ dtype: "F32", shape: [bytes / 4], data: noise(bytes) });

/** The bytes that each model gets. */
async function modelled(tensors: readonly TestTensor[], level: Level): Promise<Record<string, number>> {
  const file = makeSafetensors(Object.fromEntries(tensors.map((one, index) => [`t${index}`, one])));
  const params = { drop_bits: 0 };
  const { bytes, segments } = await render(modelWeights, file, { format: "safetensors", level, params });
  expect(Buffer.compare(bytes, file)).toBe(0);
  const found: Record<string, number> = {};
  const visit = (node: PlanNode): void => {
    if (node.kind === "transform") node.inputs.forEach(visit);
    else if (node.kind === "model") found[node.model] = (found[node.model] ?? 0) + node.data.length;
  };
  for (const { root } of segments) visit(root);
  return found;
}

const [SMALL, LARGE] = [64 << 10, 512 << 10];

test.each([
  ["fast", undefined, SMALL + LARGE],
  ["balanced", SMALL, LARGE],
  ["max", SMALL + LARGE, undefined],
] as const)("at %s %p bytes are modelled with care and %p quickly", async (level, careful, quick) => {
  const { tensor, elements } = await modelled([SMALL, LARGE].map(noisy), level);
  expect([tensor, elements]).toEqual([careful, quick]);
});

test("at balanced no more than 4 MiB of a file are modelled with care", async () => {
  const quarter = 256 << 10;
  const { tensor, elements } = await modelled(Array(18).fill(noisy(quarter)), "balanced");
  expect([tensor, elements]).toEqual([16 * quarter, 2 * quarter]);
});

test.each(["fast", "balanced", "max"] as const)("at %s what is no noise is coded as any bytes", async (level) => {
  const SIDE = 120;
  const distances = new BigInt64Array(SIDE * SIDE).map((_, i) => BigInt((i % SIDE) - Math.floor(i / SIDE) + SIDE));
  const indices = { dtype: "I64", shape: [SIDE, SIDE], data: new Uint8Array(distances.buffer) };
  const { general = 0, ...others } = await modelled([indices, noisy(LARGE)], level);
  expect(general).toBeGreaterThan(indices.data.length);
  expect(Object.values(others)).toEqual([LARGE]);
});

import { expect, test } from "bun:test";
import type { PlanNode } from "../graph/plan";
import { MemorySource } from "../graph/source";
import { columns } from "../kernels/models/columns";
import { structured, structuredParams } from "../kernels/models/structured";
import { bytesOf, noise } from "./testing";
import { textRecordSegments } from "./text-records";

const NO_PARAMS = new Uint8Array(0);

/** Records of many counters, of which few move. */
function statusPages(records: number): Uint8Array {
  const counters = Array.from({ length: 60 }, (_, index) => 1000 * (index + 1) ** 3);
  const chance = noise(records * 6);
  const lines = Array.from({ length: records }, (_, record) => {
    for (let move = 0; move < 3; move++) {
      const at = (record * 3 + move) * 2;
      counters[chance[at]! % 60]! += chance[at + 1]!;
    }
    return `{${counters.map((counter, index) => `"counter-${index}":${counter}`).join(",")}}\n`;
  });
  return bytesOf(lines.join(""));
}

/** Lines of which one number is noise; two follow from the line before, the second only in the first `moving` lines. */
function mixedLines(moving: number): Uint8Array {
  const pad = "service is up and all of its workers answer; ".repeat(10);
  const lines = Array.from(noise(350), (value, line) => {
    const second = line < moving ? (line * 389) % 1000 : 389;
    return `10:00:00 user ${1000 + value} took ${(line * 7919) % 1000} of ${second} ${pad}\n`;
  });
  return bytesOf(lines.join(""));
}

async function modelOf(content: Uint8Array): Promise<string> {
  const roots: PlanNode[] = [];
  for await (const segment of textRecordSegments(new MemorySource(content), { level: "max", effort: "thorough" })) {
    roots.push(segment.root);
  }
  expect(roots).toHaveLength(1);
  return roots[0]!.kind === "model" ? roots[0]!.model : roots[0]!.kind;
}

test("level max takes the model that tells repetitive records in fewer bytes", async () => {
  const steps = Array.from({ length: 400 }, (_, line) => `10:00:00 INFO user ${(line * 7919) % 1000} logged in\n`);
  for (const [content, best] of [
    [bytesOf(steps.join("")), "columns"],
    [statusPages(120), "structured"],
  ] as const) {
    const byContexts = structured.encode(content, structuredParams("thorough"), "max").length;
    const byColumns = columns.encode(content, NO_PARAMS, "max").length;
    expect(byColumns < byContexts ? "columns" : "structured").toBe(best);
    expect(await modelOf(content)).toBe(best);
  }
});

test("level max takes columns where contexts are hardly smaller, since columns come back sooner", async () => {
  const nearlyAlike = Array.from({ length: 5 }, (_, at) => mixedLines(250 + at * 5)).filter((content) => {
    const byContexts = structured.encode(content, structuredParams("thorough"), "max").length;
    const byColumns = columns.encode(content, NO_PARAMS, "max").length;
    return byContexts < byColumns && byContexts > byColumns * 0.985;
  });
  expect(nearlyAlike.length).toBeGreaterThan(0);
  for (const content of nearlyAlike) expect(await modelOf(content)).toBe("columns");
});

test("level max takes contexts for any other text", async () => {
  const lines = Array.from(noise(400), (user) => `2026-01-05 10:00:00 INFO user ${user} logged in\n`);
  expect(await modelOf(bytesOf(lines.join("")))).toBe("structured");
});

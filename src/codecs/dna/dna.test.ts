import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { PlanNode, Segment } from "../../graph/plan";
import { MemorySource } from "../../graph/source";
import { deflateStream } from "../../kernels/recompress/deflaters";
import { bytesOf, joinBytes, noise, render, requestOf } from "../testing";
import { dna } from ".";

function reads(count: number, length = 60, end = "\n"): string {
  const bases = Buffer.from(noise(length))
    .toString("hex")
    .replace(/[^acef]/g, "")
    .replaceAll("e", "g")
    .replaceAll("f", "t");
  return Array.from({ length: count }, (_, i) =>
    [`@run:${i}`, bases.toUpperCase(), "+", "I".repeat(bases.length), ""].join(end),
  ).join("");
}

function variants(count: number): string {
  return Array.from({ length: count }, (_, i) => `chr1\t${100 + 7 * i}\t.\tA\tG\t50\tPASS\tDP=${i % 40}\n`).join(
    "",
  );
}

async function planned(bytes: Uint8Array): Promise<{ segments: Segment[]; models: string[] }> {
  const segments: Segment[] = [];
  const models: string[] = [];
  const visit = (node: PlanNode) => {
    if (node.kind === "model") models.push(node.model);
    else if (node.kind === "transform") node.inputs.forEach(visit);
  };
  for await (const segment of dna.plan(new MemorySource(bytes), requestOf(dna))) {
    segments.push(segment);
    visit(segment.root);
  }
  return { segments, models };
}

describe("text goes to the model of its kind", () => {
  test.each([
    ["fastq", reads(50)],
    ["fastq", reads(50, 60, "\r\n")],
    ["fastq", reads(1, 200_000) + reads(3)],
    ["fastq", reads(50).slice(0, -31)],
    ["vcf", `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n${variants(20)}`],
    ["vcf", variants(20)],
    ["general", `>chr1\n${"ACGTACGTAA\n".repeat(50)}`],
    ["general", "@a\nACGT\nACGT\n+\nIIII\nIIII\n".repeat(20)],
  ])("%s", async (model, text) => {
    const bytes = bytesOf(text);
    expect((await planned(bytes)).models).toEqual([model]);
    expect(Buffer.compare((await render(dna, bytes, requestOf(dna))).bytes, bytes)).toBe(0);
  });

  test.each([
    ["fastq", reads(200)],
    ["vcf", variants(200)],
  ])("%s within gzip", async (model, text) => {
    const bytes = new Uint8Array(gzipSync(bytesOf(text)));
    expect((await planned(bytes)).models).toContain(model);
    expect(Buffer.compare((await render(dna, bytes, requestOf(dna))).bytes, bytes)).toBe(0);
  });
});

test("long text is cut between records, rubbish anywhere", async () => {
  const text = bytesOf(reads(1000));
  const many = joinBytes(...Array.from({ length: Math.ceil((33 << 20) / text.length) }, () => text));
  const { segments, models } = await planned(many);
  expect(models).toEqual(["fastq", "fastq", "fastq"]);
  let at = 0;
  for (const { length } of segments) {
    expect(Buffer.from(many.subarray(at, at + 5)).toString()).toBe("@run:");
    at += length;
  }
  expect(at).toBe(many.length);
  const rubbish = new Uint8Array(33 << 20).fill(65);
  expect((await planned(rubbish)).segments.map(({ length }) => length)).toEqual([16 << 20, 16 << 20, 1 << 20]);
});

test("gzip as zlib writes it costs nothing but its header and tail", async () => {
  const plain = bytesOf(reads(20_000));
  for (const [level, piece] of [
    [6, 0],
    [1, 0xff00],
  ] as const) {
    const file = joinBytes(
      bytesOf(`\x1f\x8b\x08\0\0\0\0\0${level === 1 ? "\x04" : "\0"}\x03`),
      deflateStream(level, piece, plain),
      noise(8),
    );
    const { segments, models } = await planned(file);
    expect(models).toEqual(["general", "fastq", "general"]);
    expect(segments).toHaveLength(1);
    expect(Buffer.compare((await render(dna, file, requestOf(dna))).bytes, file)).toBe(0);
  }
});

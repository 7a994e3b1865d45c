import { expect, test } from "bun:test";
import fc from "fast-check";
import { sam } from "../../graph/transforms/sam";
import { shortFloat } from "../../graph/transforms/sam/print";
import { render } from "../testing";
import { dna } from ".";

const HEADER = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:248956422\n@CO\tfree text, with \ttabs\n";

const ALIGNMENTS = [
  "r1\t99\tchr1\t100\t60\t5S10M2I3D4=1X\t=\t300\t230\tACGTNACGTNACGTNACGTNAC\tIIIIIIIIIIIIIIIIIIIIII\tNM:i:2\tMD:Z:10^AAA5",
  "r1\t147\tchr1\t300\t60\t22M\t=\t100\t-230\tACGTNACGTNACGTNACGTNAC\t######################\tRG:Z:\tXF:f:0.25",
  "r2\t4\t*\t0\t0\t*\t*\t0\t0\t*\t*",
  "r3\t0\tchr2\t2147483647\t255\t*\tchr1\t1\t-2147483648\tACMGRSVTWYHKDBN=\t*\tXA:A:!\tXH:H:1AE301",
  "*\t16\tHLA*01:01\t7\t3\t3M\t*\t0\t0\tACG\t!~5\tXI:i:-129\tXJ:i:4294967295\tXB:B:c,-128,127\tXC:B:C\tXD:B:f,1e-05,-2.5",
];

async function rendered(text: string) {
  const bytes = new Uint8Array(Buffer.from(text, "latin1"));
  const { bytes: back, segments } = await render(dna, bytes, { format: "bam", level: "balanced" });
  expect(Buffer.compare(back, bytes)).toBe(0);
  return segments;
}

/** How many bytes of the file are left as text. */
async function textBytes(text: string): Promise<number> {
  const [segment] = await rendered(text);
  const { root } = segment!;
  if (root.kind !== "transform") return text.length;
  const [, rest] = root.inputs;
  return rest!.kind === "model" ? rest!.data.length : 0;
}

test("alignments become records, whatever they hold", async () => {
  expect(await textBytes(`${HEADER}${ALIGNMENTS.join("\n")}\n`)).toBe(HEADER.length);
});

test.each([
  ["a leading zero", ALIGNMENTS[0]!.replace("\t60\t", "\t060\t")],
  ["a sign", ALIGNMENTS[0]!.replace("NM:i:2", "NM:i:+2")],
  ["lower case", ALIGNMENTS[0]!.replace("ACGT", "acgt")],
  ["more digits than a float has", ALIGNMENTS[1]!.replace("0.25", "0.2500001")],
  ["the mate's reference in full", ALIGNMENTS[0]!.replace("\t=\t", "\tchr1\t")],
  ["qualities of another length", ALIGNMENTS[4]!.replace("!~5", "!~")],
  ["a long name", `${"n".repeat(255)}${ALIGNMENTS[2]!.slice(2)}`],
  ["too few fields", "r9\t4\t*\t0"],
  ["another type", `${ALIGNMENTS[2]}\tXX:q:1`],
  ["a carriage return", `${ALIGNMENTS[2]}\r`],
])("a line with %s stays text", async (_, line) => {
  const file = `${ALIGNMENTS.join("\n")}\n${line}\n${ALIGNMENTS.join("\n")}\n`;
  expect(await textBytes(file)).toBe(line.length + 1);
});

test("a last line without an end stays text", async () => {
  expect(await textBytes(`${HEADER}${ALIGNMENTS.join("\n")}`)).toBe(HEADER.length + ALIGNMENTS.at(-1)!.length);
});

test("damaged lines come back as they are", async () => {
  const file = Buffer.from(`${HEADER}${`${ALIGNMENTS.join("\n")}\n`.repeat(5)}`, "latin1");
  const edit = fc.record({ at: fc.nat(file.length - 1), byte: fc.integer({ min: 9, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
      const bytes = Buffer.from(file);
      for (const { at, byte } of edits) bytes[at] = byte;
      await rendered(bytes.toString("latin1"));
    }),
    { numRuns: 40 },
  );
});

test.each([
  [0.1, "0.1"],
  [1e-5, "1e-05"],
  [123456, "123456"],
  [1234567, "1.23457e+06"],
  [0.000123456789, "0.000123457"],
  [999999.5, "1e+06"],
  [-0, "-0"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("%p prints as C's %%g does", (value, text) => {
  expect(shortFloat(value)).toBe(text);
});

test("damaged records, runs and names are refused or give as many bytes as stated", async () => {
  const [segment] = await rendered(`${HEADER}${ALIGNMENTS.join("\n")}\n`);
  const { root } = segment!;
  if (root.kind !== "transform") throw new Error("the alignments are no records");
  const inputs = root.inputs.map((input) => (input as { data: Uint8Array }).data);
  const edit = fc.record({ input: fc.nat(3), at: fc.nat(), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const damaged = inputs.map((bytes) => bytes.slice());
      for (const { input, at, byte } of edits) damaged[input]![at % damaged[input]!.length] = byte;
      const output = attempt(() => sam.apply(damaged, root.params!, segment!.length));
      expect(output?.length ?? segment!.length).toBe(segment!.length);
    }),
    { numRuns: 500 },
  );
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plot } from "./plot";
import type { Measurement } from "./results";
import { nameOf, type Total, total, totalsOf } from "./summary";

const HEADER = [
  "| Coder | Files | Bytes | Ratio | MB/s in | MB/s out | Peak MiB | Exact |",
  "|---|---:|---:|---:|---:|---:|---:|---|",
];

/** Writes `report.md` and one plot per format into `directory`. */
export function writeReport(directory: string, measurements: readonly Measurement[]): void {
  mkdirSync(join(directory, "plots"), { recursive: true });
  const sections = [...Map.groupBy(measurements, ({ format }) => format)].map(([format, rows]) => {
    const totals = totalsOf(rows);
    const files = totals[0]!.files;
    writeFileSync(
      join(directory, "plots", `${format}.svg`),
      plot(
        format,
        totals.filter((one) => one.files === files),
      ),
    );
    return [
      `## ${format}`,
      "",
      ...HEADER,
      ...totals.map(row),
      "",
      `![Size against speed](plots/${format}.svg)`,
      "",
    ].join("\n");
  });
  writeFileSync(join(directory, "report.md"), [INTRODUCTION, ...sections].join("\n"));
}

const INTRODUCTION = `# Bench

Written by \`npm run bench\`. Speeds are 10^6 bytes of the original per CPU second (user and system, all threads), and
only those of one run compare: "in" of a codec includes reading, planning and coding, but not the verification that
every upload gets, which costs about as much as "out"; kernels and peers only code. Ratio is compressed through original bytes. Peers marked "(table)" were run
elsewhere. A coder with fewer files than others was not run on all of them, so that its bytes do not compare.
`;

function row(one: Total): string {
  return `| ${[
    nameOf(one),
    one.files,
    one.compressedBytes.toLocaleString("en"),
    one.ratio.toFixed(4),
    speed(one.encodeSpeed),
    speed(one.decodeSpeed),
    one.peakBytes === undefined ? "" : (one.peakBytes / 2 ** 20).toFixed(0),
    one.exact ? "yes" : "**no**",
  ].join(" | ")} |`;
}

/** One line for the terminal. */
export function lineOf(measurements: readonly Measurement[], title: string): string {
  const one = total(measurements);
  return [
    title.padEnd(42),
    nameOf(one).padEnd(28),
    `${one.compressedBytes}`.padStart(10),
    one.ratio.toFixed(4),
    `in ${speed(one.encodeSpeed)}`.padStart(10),
    `out ${speed(one.decodeSpeed)} MB/s`.padStart(16),
    one.peakBytes === undefined ? "" : `${(one.peakBytes / 2 ** 20).toFixed(0)} MiB`.padStart(9),
    one.exact ? "exact" : "NOT EXACT",
  ].join(" ");
}

function speed(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : "";
}

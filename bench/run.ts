/**
 * `npm run bench -- [--corpus DIR] [--formats a,b] [--levels fast,balanced,max] [--codecs] [--kernels] [--peers]
 * [--peer-table FILE.tsv]`: sizes, speeds and memory of our coders and others', on the same files in one run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Engine } from "../src/graph/engine";
import type { Level } from "../src/graph/plan";
import { FileSource } from "../src/graph/source";
import { type CorpusFile, makeCorpus, readCorpus } from "./corpus";
import { measureCodec, measureKernel, warmUp } from "./own";
import { installedPeers, measurePeer, readPeerTable } from "./peers";
import { lineOf, writeReport } from "./report";
import { type Measurement, updateResults } from "./results";

const LEVELS: readonly Level[] = ["fast", "balanced", "max"];

const { values: options } = parseArgs({
  options: {
    corpus: { type: "string", default: process.env.SMALLEST_CORPUS },
    formats: { type: "string" },
    levels: { type: "string", default: LEVELS.join(",") },
    codecs: { type: "boolean", default: false },
    kernels: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    "peer-table": { type: "string", multiple: true, default: [] },
    output: { type: "string", default: import.meta.dir },
  },
});

const scratch = mkdtempSync(join(tmpdir(), "smallest-bench-"));
try {
  await bench(selectedFiles(), selectedLevels());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function bench(files: readonly CorpusFile[], levels: readonly Level[]): Promise<void> {
  // Codecs are what users get, so they are measured unless something else is asked for alone.
  const codecs = options.codecs || !(options.kernels || options.peers);
  const measurements: Measurement[] = [];
  for (const [format, group] of Map.groupBy(files, (file) => file.format)) {
    const found: Measurement[] = [];
    const keep = (rows: readonly Measurement[]) => {
      for (const row of rows) console.log(lineOf([row], `${format}/${row.file}`));
      if (rows.length > 0) console.log(lineOf(rows, `${format}: ${rows.length} files`), "\n");
      found.push(...rows);
    };
    for (const level of levels) {
      if (codecs) keep(await runCodec(group, level));
      if (options.kernels) keep(await runKernel(group, level));
    }
    if (options.peers)
      for (const peer of installedPeers()) keep(group.map((file) => measurePeer(peer, file, scratch)));
    for (const table of options["peer-table"]) found.push(...readPeerTable(table, group));
    measurements.push(...found);
  }
  writeReport(options.output, measurements);
  updateResults(join(options.output, "results.csv"), measurements, {
    formats: new Set(files.map(({ format }) => format)),
    levels: new Set(levels),
    kinds: new Set(measurements.map(({ kind }) => kind)),
  });
  const wrong = measurements.filter(({ exact, kind }) => !exact && kind !== "peer");
  if (wrong.length > 0) throw new Error(`${wrong.length} files did not come back as they were`);
}

async function runCodec(files: readonly CorpusFile[], level: Level): Promise<Measurement[]> {
  const engine = new Engine({ workers: 2 });
  try {
    const rows: Measurement[] = [];
    await measureCodec(engine, files[0]!, level, scratch); // starts the workers
    for (const file of files) rows.push(await measureCodec(engine, file, level, scratch));
    return rows;
  } finally {
    engine.close();
  }
}

async function runKernel(files: readonly CorpusFile[], level: Level): Promise<Measurement[]> {
  const rows: Measurement[] = [];
  const first = new FileSource(files[0]!.path);
  warmUp(level, first);
  first.close();
  for (const file of files) rows.push(await measureKernel(file, level));
  return rows;
}

function selectedFiles(): CorpusFile[] {
  const all = options.corpus ? readCorpus(options.corpus) : makeCorpus(join(scratch, "made"));
  const wanted = options.formats?.split(",") ?? [...new Set(all.map(({ format }) => format))];
  const unknown = wanted.filter((format) => !all.some((file) => file.format === format));
  if (unknown.length > 0) throw new Error(`the corpus has no ${unknown.join(", ")}`);
  return all.filter(({ format }) => wanted.includes(format));
}

function selectedLevels(): Level[] {
  const wanted = options.levels.split(",");
  const unknown = wanted.filter((level) => !(LEVELS as readonly string[]).includes(level));
  if (unknown.length > 0)
    throw new Error(`there is no level ${unknown.join(", ")}; there are ${LEVELS.join(", ")}`);
  return LEVELS.filter((level) => wanted.includes(level));
}

import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codecByName } from "../src/codecs/registry";
import { samples } from "../src/codecs/samples";

/** A file to measure. */
export interface CorpusFile {
  /** The folder that it lies in. */
  readonly format: string;
  readonly file: string;
  readonly path: string;
  readonly size: number;
  /** A codec name, or `auto` where the folder is not named after one. */
  readonly codec: string;
}

/** Lists `directory/<format>/<file>`; empty files and notes about sources are no data. */
export function readCorpus(directory: string): CorpusFile[] {
  return names(directory)
    .filter((format) => statSync(join(directory, format)).isDirectory())
    .flatMap((format) => names(join(directory, format)).map((file) => corpusFile(directory, format, file)))
    .filter(({ size, file }) => size > 0 && file !== "SOURCES.tsv");
}

/**
 * Makes a small corpus of the files that the tests use, in `directory`. Their folders have names of their own, so
 * that their rows never mix with those of real files.
 */
export function makeCorpus(directory: string): CorpusFile[] {
  for (const { codec, name, bytes } of samples) {
    const folder = join(directory, `${MADE}${codec}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return readCorpus(directory);
}

const MADE = "made-";

function corpusFile(directory: string, format: string, file: string): CorpusFile {
  const path = join(directory, format, file);
  const codec = codecByName(format.startsWith(MADE) ? format.slice(MADE.length) : format)?.name ?? "auto";
  return { format, file, path, size: statSync(path).size, codec };
}

function names(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith("."))
    .sort();
}

/**
 * `npm run bench:drop -- [--corpus DIR] [--levels balanced,max]`: what each mantissa bit that is rounded away saves a
 * weight. Only weights with a mantissa of their own count: not those that stand in the file before, be it as a copy of
 * a tensor or as a number of 32 bits or more that repeats in its tensor (mirrored rows, few values), since they cost
 * nothing that dropping bits could save.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArchiveReader } from "../src/archive/reader";
import { ELEMENTS, isFloat, type Region } from "../src/codecs/model-weights/layout";
import { safetensorsLayout } from "../src/codecs/model-weights/safetensors";
import { torchLayout } from "../src/codecs/model-weights/torch";
import { codecByName } from "../src/codecs/registry";
import { Engine } from "../src/graph/engine";
import type { Level } from "../src/graph/plan";
import { FileSource } from "../src/graph/source";
import { choose } from "../src/vault/choose";
import { pack } from "../src/vault/pack";
import { type CorpusFile, readCorpus } from "./corpus";

const { values: options } = parseArgs({
  options: {
    corpus: { type: "string", default: process.env.SMALLEST_CORPUS },
    levels: { type: "string", default: "fast,balanced,max" },
  },
});
const DROPS = [1, 2, 3, 4] as const;
const scratch = mkdtempSync(join(tmpdir(), "smallest-drop-"));
const engine = new Engine({ workers: 2 });
const codec = codecByName("model-weights")!;

interface Weights {
  /** How many of each type may be rounded. */
  readonly types: Map<string, number>;
  all: number;
  /** Those whose mantissa stands nowhere before. */
  own: number;
}

try {
  if (!options.corpus) throw new Error("say where the corpus is: --corpus DIR or SMALLEST_CORPUS");
  const files = readCorpus(options.corpus).filter(({ format }) => format === "weights");
  for (const file of files) await measureFile(file);
} finally {
  engine.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function measureFile(file: CorpusFile): Promise<void> {
  const { format } = await choose({ codec: codec.name, query: {} }, file, file.file);
  const weights = await countWeights(file, format.name);
  if (weights.all === 0) return;
  const types = [...weights.types].map(([type, count]) => `${count} ${type}`).join(", ");
  console.log(`${file.file}: ${types}; ${weights.all - weights.own} repeat others`);
  for (const level of options.levels.split(",") as Level[]) {
    const exact = await packedBytes(file, format.name, level, 0);
    const saved: string[] = [];
    for (const drop of DROPS) {
      const bytes = await packedBytes(file, format.name, level, drop);
      saved.push(`${bytes} (${(((exact - bytes) * 8) / weights.own / drop).toFixed(3)})`);
    }
    console.log(
      `  ${level.padEnd(8)} ${exact} bytes, dropping 1 to 4 bits (saved a weight each): ${saved.join(", ")}`,
    );
  }
}

async function countWeights(file: CorpusFile, format: string): Promise<Weights> {
  const source = new FileSource(file.path);
  try {
    const { regions } = await (format === "pt" ? torchLayout(source) : safetensorsLayout(source));
    const floats = regions.filter(({ type }) => isFloat(type));
    const weights = { types: new Map<string, number>(), all: 0, own: 0 };
    const seen = new Set<bigint>();
    for (const region of floats) {
      const bytes = source.readNow(region.offset, region.length);
      const count = region.length / ELEMENTS[region.type].width;
      const hash = Bun.hash.xxHash3(bytes);
      weights.all += count;
      weights.types.set(region.type, (weights.types.get(region.type) ?? 0) + count);
      if (!seen.has(hash)) weights.own += ownOf(bytes, region);
      seen.add(hash);
    }
    return weights;
  } finally {
    source.close();
  }
}

/** Elements whose magnitude is the first of its kind in the tensor; short ones repeat by chance. */
function ownOf(bytes: Uint8Array, { type, bigEndian }: Region): number {
  const { width } = ELEMENTS[type];
  if (width < 4) return bytes.length / width;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magnitudes = new Set<number>();
  for (let at = 0; at < bytes.length; at += width) {
    magnitudes.add(Math.abs(width === 4 ? view.getFloat32(at, !bigEndian) : view.getFloat64(at, !bigEndian)));
  }
  return magnitudes.size;
}

/** What the blocks take: the report in the header is longer where something was rounded. */
async function packedBytes(file: CorpusFile, format: string, level: Level, drop: number): Promise<number> {
  const { path, size, file: name } = file;
  const request = { format, params: { drop_bits: drop }, level, name };
  const out = join(scratch, "archive.smz");
  const sha256 = new Bun.CryptoHasher("sha256").update(await Bun.file(path).bytes()).digest("hex");
  await pack(engine, { path, size, sha256, name, codec, request, scratch, out });
  const archive = new FileSource(out);
  try {
    const { segments } = await ArchiveReader.open(archive);
    return segments.reduce((sum, { storedLength }) => sum + storedLength, 0);
  } finally {
    archive.close();
  }
}

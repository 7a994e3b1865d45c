/**
 * `bun scripts/mutate.ts [COUNT]`: feeds mutated blocks to the decoders, 100,000 unless told. The samples of the tests
 * are packed at every level, so every model and transform of theirs is among them. A decoder may refuse a block or give
 * bytes of the right length; it must not take long, run wild in memory or be stopped by a trap.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveReader } from "../src/archive/reader";
import { codecByName } from "../src/codecs/registry";
import { samples } from "../src/codecs/samples";
import { requestOf } from "../src/codecs/testing";
import { Engine } from "../src/graph/engine";
import { replay } from "../src/graph/replay";
import { FileSource } from "../src/graph/source";
import { readStored } from "../src/graph/stored";
import { pack } from "../src/vault/pack";

const LEVELS = ["fast", "balanced", "max"] as const;
/** Far more than a sample's block takes on a busy machine. */
const LONGEST_MS = 20_000;

class WrongLength extends Error {}

interface Block {
  readonly origin: string;
  readonly stored: Uint8Array;
  readonly length: number;
}

const count = Number(process.argv[2] ?? 100_000);
const scratch = mkdtempSync(join(tmpdir(), "smallest-mutate-"));
const engine = new Engine({ workers: 2 });
try {
  mutate(await packedBlocks());
} finally {
  engine.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function packedBlocks(): Promise<Block[]> {
  const blocks: Block[] = [];
  for (const sample of samples)
    for (const level of LEVELS) {
      const path = join(scratch, "sample");
      const out = join(scratch, "archive.smz");
      await Bun.write(path, sample.bytes);
      const codec = codecByName(sample.codec)!;
      const request = { ...requestOf(codec), format: sample.format, level, name: sample.name };
      const sha256 = new Bun.CryptoHasher("sha256").update(sample.bytes).digest("hex");
      const size = sample.bytes.length;
      await pack(engine, { path, size, sha256, name: sample.name, codec, request, scratch, out });
      blocks.push(...(await blocksOf(out, `${sample.name} at ${level}`)));
    }
  return blocks;
}

async function blocksOf(path: string, origin: string): Promise<Block[]> {
  const file = new FileSource(path);
  try {
    const archive = await ArchiveReader.open(file);
    const blocks = await Promise.all(archive.segments.map((_, index) => archive.readBlock(index)));
    return blocks.map(({ stored, length }) => ({ origin, stored: stored.slice(), length }));
  } finally {
    file.close();
  }
}

function mutate(blocks: readonly Block[]): void {
  const random = generator(1);
  const found = { refused: 0, decoded: 0, trapped: 0 };
  for (let round = 0; round < count; round++) {
    const block = blocks[round % blocks.length]!;
    const broken = mutated(block.stored, random);
    const start = performance.now();
    const outcome = decode(broken, block);
    found[outcome]++;
    const took = performance.now() - start;
    if (outcome === "trapped" || took > LONGEST_MS) {
      console.error(`round ${round}, ${block.origin}: ${outcome} after ${Math.round(took)} ms`);
      process.exitCode = 1;
    }
  }
  console.log(`${count} mutated blocks of ${blocks.length}:`, found);
}

function decode(stored: Uint8Array, { origin, length }: Block): "refused" | "decoded" | "trapped" {
  try {
    const bytes = replay(readStored(stored, length), length, new Map());
    if (bytes.length !== length) throw new WrongLength(`${origin} gave ${bytes.length} bytes for ${length}`);
    return "decoded";
  } catch (error) {
    if (error instanceof WrongLength) throw error;
    return error instanceof WebAssembly.RuntimeError ? "trapped" : "refused";
  }
}

/** One to three changed bytes, mostly in front, where the structure is; one in eight is cut off as well. */
function mutated(stored: Uint8Array, random: (below: number) => number): Uint8Array {
  const broken = stored.slice(0, random(8) === 0 ? random(stored.length + 1) : stored.length);
  for (let hits = 1 + random(3); hits > 0 && broken.length > 0; hits--) {
    const reach = random(2) === 0 ? Math.min(64, broken.length) : broken.length;
    broken[random(reach)]! ^= 1 + random(255);
  }
  return broken;
}

/** The same numbers on every run (xorshift32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

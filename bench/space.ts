/**
 * `npm run bench:space -- [--corpus DIR] [--format email] [--level max]`: uploads all files of a format into one space,
 * and says what each added, what all that was added is made of, and whether every file comes back.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArchiveReader } from "../src/archive/reader";
import { loadConfig } from "../src/config";
import { openDatabase } from "../src/database/open";
import { FileSource, MemorySource } from "../src/graph/source";
import { readStored, type StoredNode } from "../src/graph/stored";
import { modelById } from "../src/kernels/models";
import { MemoryStore } from "../src/storage/memory";
import { ALL_SCOPES } from "../src/vault/access";
import { DEFAULT_SPACE } from "../src/vault/administration";
import { openVault } from "../src/vault/open";
import { type CorpusFile, readCorpus } from "./corpus";

const { values: options } = parseArgs({
  options: {
    corpus: { type: "string", default: process.env.SMALLEST_CORPUS },
    format: { type: "string", default: "email" },
    level: { type: "string", default: "max" },
  },
});

const actor = { id: "bench", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: null };
const data = mkdtempSync(join(tmpdir(), "smallest-space-"));
const store = new MemoryStore();
const { vault } = await openVault(loadConfig({ data }, {}), { openDatabase, openStore: async () => store });
try {
  let total = 0;
  const started = process.cpuUsage();
  const files = readCorpus(options.corpus!).filter(({ format }) => format === options.format);
  for (const file of files) {
    const added = await upload(file);
    total += added;
    console.log(`${String(file.size).padStart(10)} ${String(added).padStart(9)} ${file.file}`);
  }
  const { user, system } = process.cpuUsage(started);
  console.log(`${total} bytes added in ${((user + system) / 1e6).toFixed(1)} CPU seconds, checked and read back`);
  await printKinds();
} finally {
  await vault.close(0);
  rmSync(data, { recursive: true, force: true });
}

/** @returns bytes added to the space */
async function upload({ path, codec, file: name }: CorpusFile): Promise<number> {
  const plan = await vault.planUpload(actor, { codec, query: { level: options.level } });
  const spooled = await vault.spool(Bun.file(path).stream() as ReadableStream<Uint8Array>, 1 << 30);
  const stored = await vault.upload(actor, plan, spooled, { name });
  const { file, stream } = await vault.download(actor, stored.id);
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const bytes of stream(0, file.contentBytes)) hasher.update(bytes);
  const source = new FileSource(path);
  const original = new Bun.CryptoHasher("sha256").update(source.readNow(0, source.size)).digest("hex");
  source.close();
  if (hasher.digest("hex") !== original) throw new Error(`${name} did not come back as it was`);
  return stored.compressedBytes;
}

/** How often a kind was met, what it was and what it takes. */
interface Total {
  count: number;
  raw: number;
  stored: number;
}

async function printKinds(): Promise<void> {
  const totals = new Map<string, Total>();
  const count = (kind: string, raw: number, stored: number) => {
    const total = totals.get(kind) ?? { count: 0, raw: 0, stored: 0 };
    totals.set(kind, { count: total.count + 1, raw: total.raw + raw, stored: total.stored + stored });
  };
  for await (const { key, size } of store.list("")) {
    const archive = await ArchiveReader.open(new MemorySource(await store.read(key, 0, size)));
    const owner = `${key.split("/")[0]} ${archive.header.format}`;
    let blocks = 0;
    for (const [index, place] of archive.segments.entries()) {
      const { stored, length } = await archive.readBlock(index);
      const root = readStored(stored, length);
      blocks += stored.length;
      count(`${owner}: nodes`, 0, stored.length - payloadBytes(root, owner, count));
      count(`${owner}: block frames`, place.contentLength, place.frameBytes - stored.length);
    }
    const overhead =
      size - blocks - archive.segments.reduce((sum, place) => sum + place.frameBytes - place.storedLength, 0);
    count(`${owner}: header, index, trailer`, 0, overhead);
  }
  console.log("kind: count, bytes of content, bytes stored");
  for (const [kind, total] of [...totals].sort((a, b) => b[1].stored - a[1].stored)) {
    console.log(
      `${kind.padEnd(44)} ${[total.count, total.raw, total.stored].map((n) => String(n).padStart(9)).join(" ")}`,
    );
  }
}

/** Bytes of the payloads below a node, each counted by its model. */
function payloadBytes(
  node: StoredNode,
  owner: string,
  count: (kind: string, raw: number, stored: number) => void,
): number {
  if (node.kind === "part") return 0;
  if (node.kind === "transform")
    return node.inputs.reduce((sum, input) => sum + payloadBytes(input, owner, count), 0);
  count(`${owner}: ${modelById(node.id, node.version)?.name}`, node.length, node.payload.length);
  return node.payload.length;
}

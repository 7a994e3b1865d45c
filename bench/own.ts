import { join } from "node:path";
import { ArchiveReader } from "../src/archive/reader";
import { encode } from "../src/graph/encode";
import type { Engine } from "../src/graph/engine";
import { blockBytes, general, generalSegments, type Level, type ModelLeaf } from "../src/graph/plan";
import { replay } from "../src/graph/replay";
import { FileSource } from "../src/graph/source";
import type { StoredModel } from "../src/graph/stored";
import { choose, exactParams } from "../src/vault/choose";
import { pack } from "../src/vault/pack";
import { unpack } from "../src/vault/unpack";
import type { CorpusFile } from "./corpus";
import { measure } from "./measure";
import { KERNEL_PREFIX, type Measurement } from "./results";

const WARM_UP_BYTES = 1 << 20;

/** Packs and unpacks a file the way the server does, with parameters under which nothing is lost. */
export async function measureCodec(
  engine: Engine,
  file: CorpusFile,
  level: Level,
  scratch: string,
): Promise<Measurement> {
  const { path, size, file: name } = file;
  const { codec, format, request } = await choose({ codec: file.codec, query: { level } }, file, name);
  const exactRequest = { ...request, params: exactParams(codec, format) };
  const sha256 = await sha256Of(path);
  const out = join(scratch, "archive.smz");
  const packing = await measure(() =>
    pack(engine, { path, size, sha256, name, codec, request: exactRequest, scratch, out }),
  );
  const unpacking = await measure(async () => {
    const archive = new FileSource(out);
    try {
      const hasher = new Bun.CryptoHasher("sha256");
      for await (const bytes of unpack(engine, await ArchiveReader.open(archive))) hasher.update(bytes);
      return hasher.digest("hex");
    } finally {
      archive.close();
    }
  });
  return {
    format: file.format,
    file: name,
    coder: codec.name,
    level,
    params: Object.entries(codec.exactParams ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(" "),
    originalBytes: size,
    compressedBytes: packing.value.archiveBytes,
    encodeSeconds: packing.cpuSeconds - packing.value.verifySeconds,
    decodeSeconds: unpacking.cpuSeconds,
    peakBytes: Math.max(packing.peakBytes, unpacking.peakBytes),
    exact: unpacking.value === sha256,
    kind: "codec",
  };
}

/** Runs the bare general model over a file's blocks in this thread: no archive, no verification. */
export async function measureKernel(file: CorpusFile, level: Level): Promise<Measurement> {
  const source = new FileSource(file.path);
  try {
    const leaves = [...generalSegments(0, file.size, blockBytes(level))].flatMap(({ root }) =>
      root.kind === "model" ? [root] : [],
    );
    const encoding = await measure(() => leaves.map((leaf) => encodeLeaf(leaf, source, level)));
    const decoding = await measure(() => encoding.value.map((leaf) => replay(leaf, leaf.length, new Map())));
    const original = source.readNow(0, file.size);
    return {
      format: file.format,
      file: file.file,
      coder: `${KERNEL_PREFIX}general`,
      level,
      params: "",
      originalBytes: file.size,
      compressedBytes: encoding.value.reduce((sum, { payload }) => sum + payload.length, 0),
      encodeSeconds: encoding.cpuSeconds,
      decodeSeconds: decoding.cpuSeconds,
      peakBytes: Math.max(encoding.peakBytes, decoding.peakBytes),
      exact: Buffer.concat(decoding.value).equals(original),
      kind: "kernel",
    };
  } finally {
    source.close();
  }
}

/** Lets the runtime compile what the first real measurement would otherwise pay for. */
export function warmUp(level: Level, source: FileSource): void {
  const length = Math.min(source.size, WARM_UP_BYTES);
  replay(encodeLeaf(general({ offset: 0, length }), source, level), length, new Map());
}

function encodeLeaf(leaf: ModelLeaf, source: FileSource, level: Level): StoredModel {
  const node = encode(leaf, source, level);
  if (node.kind !== "model") throw new Error(`a leaf became a ${node.kind}`);
  return node;
}

async function sha256Of(path: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
  return hasher.digest("hex");
}

import { ArchiveReader } from "../archive/reader";
import { FileSource } from "../graph/source";
import { readStored, type StoredNode } from "../graph/stored";
import { transformById } from "../graph/transforms";
import { modelById } from "../kernels/models";
import { type Command, EXIT } from "./command";
import { onlyArchive } from "./decompress";
import { inputPath, withScratch } from "./files";

/** What one model or transform did over the whole archive. */
interface Tally {
  nodes: number;
  /** Bytes that its leaves give back, and bytes that they take; 0 for transforms. */
  bytes: number;
  storedBytes: number;
}

export const inspect: Command = {
  usage: "IN.smz",
  summary: "Show what is in an archive, and how many bytes each model takes.",
  flags: { json: { kind: "switch", help: "Print JSON." } },

  async run(call) {
    return withScratch(async (scratch) => {
      const source = new FileSource(await inputPath(onlyArchive(call, "inspect"), scratch));
      try {
        const archive = await ArchiveReader.open(source);
        const facts = { ...factsOf(archive), nodes: Object.fromEntries(await tally(archive)) };
        console.log(call.has("json") ? JSON.stringify(facts) : page(facts));
        return EXIT.ok;
      } finally {
        source.close();
      }
    });
  },
};

function factsOf(archive: ArchiveReader) {
  const { header, source, parts, segments, contentBytes, contentSha256 } = archive;
  return {
    ...header,
    createdAt: header.createdAt === undefined ? undefined : new Date(header.createdAt).toISOString(),
    archiveBytes: source.size,
    contentBytes,
    contentSha256,
    ratio: contentBytes === 0 ? 1 : Number((source.size / contentBytes).toFixed(4)),
    blocks: segments.length,
    parts: parts.length,
    partsElsewhere: parts.filter((part) => !part.embedded).length,
  };
}

/** Sums over all blocks, by model and transform. */
async function tally(archive: ArchiveReader): Promise<Map<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const add = (name: string, bytes: number, storedBytes: number) => {
    const so = tallies.get(name) ?? { nodes: 0, bytes: 0, storedBytes: 0 };
    tallies.set(name, { nodes: so.nodes + 1, bytes: so.bytes + bytes, storedBytes: so.storedBytes + storedBytes });
  };
  const visit = (node: StoredNode): void => {
    if (node.kind === "part") add("part", archive.parts[node.index]?.bytes ?? 0, 0);
    else if (node.kind === "model") {
      add(nameOf("model", node), node.length, node.payload.length);
      if (node.prior) visit(node.prior);
    } else {
      add(nameOf("transform", node), 0, node.params.length);
      for (const input of node.inputs) visit(input);
    }
  };
  for (let block = 0; block < archive.segments.length; block++) {
    const { stored, length } = await archive.readBlock(block);
    visit(readStored(stored, length));
  }
  return tallies;
}

function nameOf(kind: "model" | "transform", { id, version }: { id: number; version: number }): string {
  const known = kind === "model" ? modelById(id, version) : transformById(id, version);
  return `${kind} ${known?.name ?? `number ${id}`} v${version}`;
}

function page({ nodes, ...facts }: ReturnType<typeof factsOf> & { nodes: Record<string, Tally> }): string {
  const rows = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(16)} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  const table = Object.entries(nodes).map(
    ([name, { nodes, bytes, storedBytes }]) =>
      `  ${name.padEnd(24)} ${String(nodes).padStart(8)} x ${String(bytes).padStart(14)} -> ${String(storedBytes).padStart(14)}`,
  );
  return [...rows, "", "nodes, bytes given back, bytes taken:", ...table].join("\n");
}

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { partName } from "../archive/format";
import type { Codec, Format } from "../codecs/codec";
import { general } from "../codecs/general";
import { codecByName, detectCodec, probe } from "../codecs/registry";
import { Refusal } from "../errors";
import type { CodingNode } from "../graph/encode";
import type { Engine } from "../graph/engine";
import type { ModelLeaf, PartLeaf, PartName, PlanBytes, PlanNode, Prior } from "../graph/plan";
import type { PlannedSegment } from "../graph/planning";
import { FileSource, MemorySource } from "../graph/source";
import { excerptsParams } from "../graph/transforms/excerpts";
import { Lane } from "../kernels/lane";
import { exactParams } from "./choose";
import { type PackMode, type PackRequest, pack } from "./pack";

/** What became of a part. */
export interface PackedPart {
  readonly sha256: string;
  /** Bytes of its content. */
  readonly bytes: number;
  /** Its archive, to be put into the file's own; absent when a bin has it. */
  readonly archivePath?: string;
  readonly fallbacks: number;
  readonly cpuSeconds: number;
  readonly verifySeconds: number;
}

export interface PartPackerOptions {
  readonly request: PackRequest;
  readonly mode: PackMode;
  readonly signal: AbortSignal;
  /** The prepared file that plan ranges refer to. */
  readonly path: string;
}

export interface ResolvedSegment {
  readonly root: CodingNode;
  /** Contents of the parts used, by their place in the archive's table. */
  readonly contents: ReadonlyMap<number, PlanBytes>;
  /** Parts met for the first time, in the order of their places. */
  readonly added: readonly Promise<PackedPart>[];
}

/** Gives part leaves their places in the archive's table and packs each distinct part once. */
export class PartPacker {
  /** Place in the table by SHA-256, in the order of first use. */
  readonly #places = new Map<string, number>();
  /** SHA-256 of the parts by the names that the archive knows them by. */
  readonly #named = new Map<string, string>();
  /** A segment may bring thousands of parts, and each is a file and jobs while it is packed. */
  readonly #lane: Lane;

  constructor(
    readonly engine: Engine,
    readonly options: PartPackerOptions,
  ) {
    this.#lane = new Lane(engine.workers);
  }

  /** SHA-256 of every part so far. */
  used(): string[] {
    return [...this.#places.keys()];
  }

  resolve(segment: PlannedSegment): ResolvedSegment {
    const hashes = segment.partHashes[Symbol.iterator]();
    const contents = new Map<number, PlanBytes>();
    const added: Promise<PackedPart>[] = [];
    const visit = (node: PlanNode): CodingNode => {
      if (node.kind === "transform") return { ...node, inputs: node.inputs.map(visit) };
      if (node.kind === "model") {
        if (!node.after || !this.#name([node.after.part.sha256])) return codable(node);
        const { part } = node.after;
        const index = this.#refer({ sha256: part.sha256, bytes: part.content.length }, added);
        contents.set(index, part.content);
        return { ...codable(node), prior: { data: readOf(node.after), node: excerptOf(node.after, index) } };
      }
      const sha256: string = hashes.next().value!;
      const needs = node.needs ?? [];
      const isPart = this.options.mode === "file" && this.#name([...needs.map((need) => need.sha256), sha256]);
      if (!isPart) return { kind: "model", model: "general", data: node.data };
      for (const need of needs) this.#refer(need, added);
      const index = this.#place(sha256, added, () => this.#packInTurn(node, sha256));
      contents.set(index, node.data);
      return { kind: "part", index };
    };
    return { root: visit(segment.root), contents, added };
  }

  /**
   * Names parts, unless another one of the archive has the name of one. No two have by chance, but whoever sends a mail
   * with two attachments can see to it, and the mailbox must be read all the same.
   */
  #name(hashes: readonly string[]): boolean {
    const fresh = new Map<string, string>();
    for (const sha256 of hashes) {
      const name = partName(sha256);
      if ((this.#named.get(name) ?? fresh.get(name) ?? sha256) !== sha256) return false;
      fresh.set(name, sha256);
    }
    for (const [name, sha256] of fresh) this.#named.set(name, sha256);
    return true;
  }

  /** A part's place in the table; at its first use it is made and added. */
  #place(sha256: string, added: Promise<PackedPart>[], make: () => Promise<PackedPart>): number {
    const known = this.#places.get(sha256);
    if (known !== undefined) return known;
    const index = this.#places.size;
    this.#places.set(sha256, index);
    added.push(make());
    return index;
  }

  /** The place of a part that the space has. */
  #refer({ sha256, bytes }: PartName, added: Promise<PackedPart>[]): number {
    return this.#place(sha256, added, async () => ({
      sha256,
      bytes,
      fallbacks: 0,
      cpuSeconds: 0,
      verifySeconds: 0,
    }));
  }

  async #packInTurn(leaf: PartLeaf, sha256: string): Promise<PackedPart> {
    await this.#lane.enter(this.options.signal);
    try {
      return await this.#packOnce(leaf, sha256);
    } finally {
      this.#lane.leave();
    }
  }

  async #packOnce(leaf: PartLeaf, sha256: string): Promise<PackedPart> {
    const bytes = leaf.data.length;
    const { parts } = this.options.request;
    if (parts && (await parts.has(sha256))) return { sha256, bytes, fallbacks: 0, cpuSeconds: 0, verifySeconds: 0 };
    const archivePath = join(this.options.request.scratch, `${sha256}.part.smz`);
    const packed = await this.#packPart(leaf, sha256, archivePath);
    const { archiveBytes, fallbacks, cpuSeconds, verifySeconds } = packed;
    const cost = { fallbacks, cpuSeconds, verifySeconds };
    if (!parts) return { sha256, bytes, archivePath, ...cost };
    await parts.add({ sha256, bytes, archivePath, archiveBytes, prior: packed.usedParts[0] });
    return { sha256, bytes, ...cost };
  }

  async #packPart(leaf: PartLeaf, sha256: string, out: string) {
    const { request, signal } = this.options;
    const path = join(request.scratch, `${sha256}.part`);
    const content = this.#contentOf(leaf);
    await Bun.write(path, content);
    const { after: prior } = leaf;
    const upload = { path, size: content.length, sha256, scratch: request.scratch, out, prior, signal };
    try {
      if (leaf.codec !== undefined) {
        const codec = codecByName(leaf.codec)!;
        return await this.#packAs(codec, codec.formats[0], upload);
      }
      const { codec, format } = detectCodec(await probe(new MemorySource(content), leaf.name ?? ""));
      return await this.#packAs(codec, format, upload, leaf.name);
    } catch (error) {
      // A codec may not want what only looked like its kind; a part has to be stored all the same.
      if (!(error instanceof Refusal) || error.status !== 400) throw error;
      return await this.#packAs(general, general.formats[0], upload, leaf.name);
    } finally {
      await rm(path, { force: true });
    }
  }

  #packAs(codec: Codec, format: Format, upload: Omit<PackRequest, "name" | "codec" | "request">, name = "") {
    const { level } = this.options.request.request;
    const request = { format: format.name, params: exactParams(codec, format), level, name };
    // The archive bears no name: equal parts give equal archives, whatever they were called.
    return pack(this.engine, { ...upload, name: "", codec, request }, "part");
  }

  #contentOf(leaf: PartLeaf): Uint8Array {
    if (leaf.data instanceof Uint8Array) return leaf.data;
    const source = new FileSource(this.options.path);
    try {
      return source.readNow(leaf.data.offset, leaf.data.length);
    } finally {
      source.close();
    }
  }
}

/** The leaf without what only the vault needs to know of it. */
function codable({ kind, model, params, data }: ModelLeaf): CodingNode & { kind: "model" } {
  return { kind, model, params, data };
}

function readOf({ part, start, length }: Prior): Uint8Array {
  return part.content.subarray(start, start + length);
}

/** The node that gives a prior's bytes, from the part with this place in the table. */
function excerptOf({ start, length }: Prior, index: number): CodingNode {
  const params = excerptsParams([{ input: 0, start, length }]);
  return { kind: "transform", transform: "excerpts", params, inputs: [{ kind: "part", index }] };
}

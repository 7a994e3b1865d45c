import { ArchiveReader } from "../archive/reader";
import { Refusal } from "../errors";
import type { Engine } from "../graph/engine";
import { rangeOf, type Source } from "../graph/source";
import { type PartSource, unpack } from "./unpack";

/** Decoded parts that are kept for the blocks to come. */
const CACHE_BYTES = 32 << 20;

/** The contents of an archive's shared parts, each decoded when first needed. */
export class PartCache {
  /** By place in the archive's table, the least recently used first. */
  readonly #contents = new Map<number, Promise<Uint8Array>>();
  #bytes = 0;

  constructor(
    readonly engine: Engine,
    readonly archive: ArchiveReader,
    readonly elsewhere: PartSource | undefined,
    readonly signal: AbortSignal,
  ) {}

  /** @throws Refusal `damaged` when there is no such part or it does not match its SHA-256 */
  content(index: number): Promise<Uint8Array> {
    const known = this.#contents.get(index);
    const content = known ?? this.#decode(index);
    this.#contents.delete(index);
    this.#contents.set(index, content);
    if (!known) this.#makeRoom(this.archive.parts[index]?.bytes ?? 0);
    return content;
  }

  #makeRoom(bytes: number): void {
    this.#bytes += bytes;
    for (const index of this.#contents.keys()) {
      if (this.#bytes <= CACHE_BYTES || this.#contents.size === 1) return;
      this.#contents.delete(index);
      this.#bytes -= this.archive.parts[index]?.bytes ?? 0;
    }
  }

  async #decode(index: number): Promise<Uint8Array> {
    const part = this.archive.parts[index];
    if (!part) throw new Refusal("damaged", `The archive has no part ${index}.`);
    return partContent(this.engine, await this.#open(index), part, this.signal);
  }

  async #open(index: number): Promise<Source> {
    const { sha256, embedded, offset, archiveBytes } = this.archive.parts[index]!;
    if (embedded) return rangeOf(this.archive.source, offset, archiveBytes);
    if (this.elsewhere) return this.elsewhere.open(sha256);
    throw new Refusal("damaged", `The archive needs part ${sha256}, which is not in it.`);
  }
}

/**
 * Decodes the archive of a part, in shared memory, because it goes to a worker with every block that needs it.
 * @throws Refusal `damaged` when it does not hold what it should
 */
export async function partContent(
  engine: Engine,
  source: Source,
  part: { readonly sha256: string; readonly bytes: number },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const nested = await ArchiveReader.open(source);
  if (nested.parts.length > 0 || nested.contentBytes !== part.bytes || nested.contentSha256 !== part.sha256) {
    throw new Refusal("damaged", `Part ${part.sha256} is not what the archive says.`);
  }
  const content = new Uint8Array(new SharedArrayBuffer(part.bytes));
  let at = 0;
  for await (const chunk of unpack(engine, nested, { signal })) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}

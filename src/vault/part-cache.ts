import { ArchiveReader } from "../archive/reader";
import { Refusal } from "../errors";
import type { Engine } from "../graph/engine";
import { MAX_NEEDS } from "../graph/plan";
import { rangeOf, type Source } from "../graph/source";
import { type PartContents, type UnpackOptions, unpack } from "./unpack";

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
    readonly elsewhere: Pick<UnpackOptions, "parts" | "contents">,
    readonly signal: AbortSignal,
  ) {}

  /** @throws Refusal `damaged` when there is no such part or it does not match its SHA-256 */
  content(index: number): Promise<Uint8Array> {
    return this.#content(index, 0);
  }

  /** @param above how many parts wait for this one, each coded after the next */
  #content(index: number, above: number): Promise<Uint8Array> {
    const known = this.#contents.get(index);
    const content = known ?? this.#decode(index, above);
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

  async #decode(index: number, above: number): Promise<Uint8Array> {
    const part = this.archive.parts[index];
    if (!part) throw new Refusal("damaged", `The archive has no part ${index}.`);
    const { parts, contents } = this.elsewhere;
    if (!part.embedded && contents) return contents(part.name);
    if (!part.embedded && !parts) {
      throw new Refusal("damaged", `The archive needs part ${part.name}, which is not in it.`);
    }
    const source = part.embedded
      ? rangeOf(this.archive.source, part.offset, part.archiveBytes)
      : await parts!.open(part.name);
    const priors: PartContents = async (name) => {
      const prior = this.archive.parts.findIndex((other) => other.name === name);
      // Only parts that stand before: so none can wait for itself.
      if (prior < 0 || prior >= index || above === MAX_NEEDS) throw strange(part.name);
      return this.#content(prior, above + 1);
    };
    return partContent(
      this.engine,
      source,
      { hash: part.name, bytes: part.bytes },
      { priors, signal: this.signal },
    );
  }
}

/**
 * Decodes the archive of a part, in shared memory, because it goes to a worker with every block that needs it.
 *
 * @param part.hash the first digits of its SHA-256, or all
 * @param options.priors gives the parts that it was coded after
 * @throws Refusal `damaged` when it does not hold what it should
 */
export async function partContent(
  engine: Engine,
  source: Source,
  part: { readonly hash: string; readonly bytes: number },
  options: { readonly priors: PartContents; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const { priors, signal } = options;
  const nested = await ArchiveReader.open(source);
  const holdsParts = nested.parts.some(({ embedded }) => embedded);
  if (holdsParts || nested.contentBytes !== part.bytes || !nested.contentSha256.startsWith(part.hash))
    throw strange(part.hash);
  const content = new Uint8Array(new SharedArrayBuffer(part.bytes));
  let at = 0;
  for await (const chunk of unpack(engine, nested, { contents: priors, signal })) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}

function strange(hash: string): Refusal {
  return new Refusal("damaged", `Part ${hash} is not what the archive says.`);
}

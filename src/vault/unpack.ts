import { isBlock } from "../archive/index-section";
import { ArchiveReader, blockDamaged, type StoredBlock } from "../archive/reader";
import { ArchiveWriter, chunksOf } from "../archive/writer";
import { Refusal } from "../errors";
import type { Engine } from "../graph/engine";
import { rangeOf, type Source } from "../graph/source";
import { partsOf, readStored } from "../graph/stored";
import { PartCache } from "./part-cache";

/**
 * Decoded blocks are garbage as soon as they were passed on, but too few objects for the collector to notice: it is
 * asked to look after so many bytes.
 */
const COLLECT_BYTES = 32 << 20;

/** Where shared parts come from while unpacking. */
export interface PartSource {
  /** The bytes of the own archive of the part with this name (`partName`). @throws Refusal `damaged` when it is missing */
  open(name: string): Promise<Source>;
}

/** Gives the content of a part by its name (`partName`). @throws Refusal `damaged` when there is none */
export type PartContents = (name: string) => Promise<Uint8Array>;

export interface UnpackOptions {
  /** First byte of the content; default 0. */
  readonly start?: number;
  /** One past the last byte; default the content's length. */
  readonly end?: number;
  /** Needed when the archive refers to parts that lie elsewhere. */
  readonly parts?: PartSource;
  /** Contents of those parts, where someone decodes them already: taken instead of `parts`. */
  readonly contents?: PartContents;
  readonly signal?: AbortSignal;
}

/**
 * The content's bytes `[start, end)` in order. Blocks are decoded in parallel, ahead by at most the engine's workers,
 * and each is checked before it is yielded; a read of the whole checks its SHA-256 at the end.
 *
 * @throws Refusal `damaged` naming the block, `aborted`, `busy`, `shutting_down`
 */
export async function* unpack(
  engine: Engine,
  archive: ArchiveReader,
  options: UnpackOptions = {},
): AsyncGenerator<Uint8Array> {
  const { start = 0, end = archive.contentBytes, signal } = options;
  const stop = new AbortController();
  const stopOrAbort = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const decoder = new BlockDecoder(engine, archive, options, stopOrAbort);
  let sinceCollected = 0;
  const isWhole = start === 0 && end === archive.contentBytes;
  // A lone block is checked against the same SHA-256 when it is decoded.
  const isChecked = archive.segments[0]?.kind === "lone";
  const hasher = isWhole && !isChecked ? new Bun.CryptoHasher("sha256") : undefined;
  try {
    for await (const { index, content } of decoder.inOrder(...archive.blocksOf(start, end))) {
      const from = archive.segments[index]!.contentOffset;
      const wanted = content.subarray(Math.max(0, start - from), Math.max(0, end - from));
      hasher?.update(wanted);
      yield wanted;
      sinceCollected += content.length;
      if (sinceCollected >= COLLECT_BYTES) {
        sinceCollected = 0;
        Bun.gc(false);
      }
    }
  } finally {
    stop.abort();
  }
  if (hasher && hasher.digest("hex") !== archive.contentSha256) {
    throw new Refusal("damaged", "The archive is damaged: its content does not match its SHA-256.");
  }
}

class BlockDecoder {
  readonly #parts: PartCache;

  constructor(
    readonly engine: Engine,
    readonly archive: ArchiveReader,
    from: Pick<UnpackOptions, "parts" | "contents">,
    readonly signal: AbortSignal,
  ) {
    this.#parts = new PartCache(engine, archive, from, signal);
  }

  async *inOrder(first: number, past: number): AsyncGenerator<{ index: number; content: Uint8Array }> {
    const ahead: Promise<Uint8Array>[] = [];
    let next = first;
    for (let index = first; index < past; index++) {
      for (; next < past && ahead.length < this.engine.workers; next++) {
        const decoding = this.#decode(next);
        // Its failure is met in its turn; until then it is not an unhandled one.
        decoding.catch(() => {});
        ahead.push(decoding);
      }
      yield { index, content: await ahead.shift()! };
    }
  }

  async #decode(index: number): Promise<Uint8Array> {
    const place = this.archive.segments[index]!;
    try {
      const block = await this.archive.readBlock(index);
      return await this.engine.decode({ ...block, parts: await this.#partsOf(block) }, this.signal);
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind !== "damaged" || error.details?.block !== undefined)
        throw error;
      throw blockDamaged(index, place, error.message.replace(/\.$/, ""));
    }
  }

  async #partsOf({ stored, length }: StoredBlock): Promise<ReadonlyMap<number, Uint8Array>> {
    const contents = new Map<number, Uint8Array>();
    if (this.archive.parts.length === 0) return contents;
    for (const index of partsOf(readStored(stored, length))) contents.set(index, await this.#parts.content(index));
    return contents;
  }
}

/**
 * Copies an archive whose parts lie elsewhere into a self-contained one.
 *
 * @returns its length in bytes
 */
export async function embedParts(source: Source, out: string, parts: PartSource): Promise<number> {
  const archive = await ArchiveReader.open(source);
  const writer = await ArchiveWriter.create(out, archive.header);
  try {
    let block = 0;
    for (const entry of archive.entries) {
      if (isBlock(entry)) {
        const { stored, length, check } = await archive.readBlock(block++);
        await writer.block(length, "checksum" in check ? check.checksum : undefined, stored);
      } else {
        const part = await partArchive(archive, entry.name, parts);
        await writer.embedPart(entry.name, entry.length, chunksOf(part), part.size);
      }
    }
    return await writer.finish(archive.contentSha256);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function partArchive(archive: ArchiveReader, name: string, parts: PartSource): Promise<Source> {
  const place = archive.parts.find((part) => part.name === name)!;
  return place.embedded ? rangeOf(archive.source, place.offset, place.archiveBytes) : parts.open(name);
}

import { type FileHandle, open, rm } from "node:fs/promises";
import { Refusal } from "../errors";
import { ByteWriter } from "../graph/bytes";
import { checksum } from "../kernels/checksum";
import { type ArchiveHeader, LAYOUT, MAGIC, MAX_SHORT_BYTES, partName } from "./format";
import { writeHeader } from "./header";
import { type BlockEntry, blockFrame, type Entry, partFrame, TAG, writeIndex } from "./index-section";
import { writeShort } from "./short";
import { trailer } from "./trailer";

const COPY_BYTES = 1 << 20;

/** A block that is going to be written. */
interface Block {
  readonly length: number;
  readonly checksum: number | undefined;
  readonly stored: Uint8Array;
}

/**
 * Writes an archive from front to back; nothing written is touched again. The first block waits until something follows
 * or the end comes: if it is the only one, its content needs no checksum, and a small archive is laid out short.
 */
export class ArchiveWriter {
  readonly #entries: Entry[] = [];
  #blocks = 0;
  #waiting: Block | undefined;
  #written = 0;

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
    readonly header: ArchiveHeader,
  ) {}

  /** @throws Refusal `disk_full` */
  static async create(path: string, header: ArchiveHeader): Promise<ArchiveWriter> {
    return new ArchiveWriter(path, await open(path, "w"), header);
  }

  /**
   * @param length bytes of content that the block gives back
   * @param contentChecksum of those, see `kernels/checksum.ts`; may be undefined for the only block
   */
  async block(length: number, contentChecksum: number | undefined, stored: Uint8Array): Promise<void> {
    await this.#writeWaiting("block");
    const block = { length, checksum: contentChecksum, stored };
    if (this.#blocks++ === 0) this.#waiting = block;
    else await this.#writeBlock(block, "block");
  }

  /** Puts a part's own archive in. @param sha256 its first digits do. @param length bytes of the part's content */
  async embedPart(
    sha256: string,
    length: number,
    archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    storedLength: number,
  ) {
    await this.#writeWaiting("block");
    await this.#startFrames();
    const entry = { kind: "embedded", name: partName(sha256), length, storedLength } as const;
    await this.#append(partFrame(entry));
    for await (const chunk of archive) await this.#append(chunk);
    this.#entries.push(entry);
  }

  /** Refers to a part that lies elsewhere. */
  referToPart(sha256: string, length: number): void {
    this.#entries.push({ kind: "external", name: partName(sha256), length });
  }

  /** Writes what is left and closes the file. @returns the archive's length in bytes */
  async finish(contentSha256: string): Promise<number> {
    const short = this.#short(contentSha256);
    if (short) await this.#append(short);
    else {
      await this.#writeWaiting("lone");
      await this.#startFrames();
      const index = writeIndex({ contentSha256, entries: this.#entries });
      await this.#append(new ByteWriter().byte(TAG.index).raw(index).raw(trailer(index)).finish());
    }
    await this.file.close();
    return this.#written;
  }

  /** The whole archive in the short layout, if it fits that. */
  #short(contentSha256: string): Uint8Array | undefined {
    const block = this.#waiting;
    if (this.#written > 0 || (block && block.stored.length > MAX_SHORT_BYTES)) return undefined;
    const parts = this.#entries.filter((entry) => entry.kind === "external");
    const bytes = writeShort({ header: this.header, contentSha256, parts, block });
    return bytes.length <= MAX_SHORT_BYTES ? bytes : undefined;
  }

  /** Begins the framed layout, unless it has begun. */
  async #startFrames(): Promise<void> {
    if (this.#written > 0) return;
    const header = writeHeader(this.header);
    const start = new ByteWriter().raw(MAGIC).byte(LAYOUT.framed).blob(header).u32(checksum(header));
    await this.#append(start.finish());
  }

  async #writeWaiting(kind: BlockEntry["kind"]): Promise<void> {
    const block = this.#waiting;
    this.#waiting = undefined;
    if (block) await this.#writeBlock(block, kind);
  }

  async #writeBlock(block: Block, kind: BlockEntry["kind"]): Promise<void> {
    if (kind === "block" && block.checksum === undefined) throw new Error("only a lone block needs no checksum");
    await this.#startFrames();
    const { length, stored } = block;
    const entry = { kind, length, storedLength: stored.length };
    await this.#append(blockFrame(entry, block.checksum ?? 0, checksum(stored)));
    await this.#append(stored);
    this.#entries.push(entry);
  }

  /** Gives up: closes the file and removes it. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => {});
    await rm(this.path, { force: true });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        done += (await this.file.write(bytes, done, bytes.length - done, this.#written + done)).bytesWritten;
      }
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
      throw new Refusal("disk_full", "The disk is full: the archive could not be written.");
    }
    this.#written += bytes.length;
  }
}

/** A file in pieces. */
export async function* chunksOf(source: { size: number; read(at: number, length: number): Promise<Uint8Array> }) {
  for (let at = 0; at < source.size; at += COPY_BYTES) yield await source.read(at, COPY_BYTES);
}

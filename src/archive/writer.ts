import { type FileHandle, open, rm } from "node:fs/promises";
import { Refusal } from "../errors";
import { ByteWriter } from "../graph/bytes";
import { checksum } from "../kernels/checksum";
import { type ArchiveHeader, FORMAT_VERSION, MAGIC } from "./format";
import { writeHeader } from "./header";
import { blockFrame, type Entry, partFrame, TAG, writeIndex } from "./index-section";
import { trailer } from "./trailer";

const COPY_BYTES = 1 << 20;

/** Writes an archive from front to back; nothing written is touched again. */
export class ArchiveWriter {
  readonly #entries: Entry[] = [];
  #written = 0;

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  /** @throws Refusal `disk_full` */
  static async create(path: string, header: ArchiveHeader): Promise<ArchiveWriter> {
    const writer = new ArchiveWriter(path, await open(path, "w"));
    const bytes = writeHeader(header);
    await writer.#append(
      new ByteWriter().raw(MAGIC).varint(FORMAT_VERSION).blob(bytes).u32(checksum(bytes)).finish(),
    );
    return writer;
  }

  /**
   * @param length bytes of content that the block gives back
   * @param contentChecksum of those, see `kernels/checksum.ts`
   */
  async block(length: number, contentChecksum: number, stored: Uint8Array): Promise<void> {
    const entry = { kind: "block", length, storedLength: stored.length } as const;
    await this.#append(blockFrame(entry, contentChecksum, checksum(stored)));
    await this.#append(stored);
    this.#entries.push(entry);
  }

  /** Puts a part's own archive in. @param length bytes of the part's content */
  async embedPart(
    sha256: string,
    length: number,
    archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    storedLength: number,
  ) {
    const entry = { kind: "embedded", sha256, length, storedLength } as const;
    await this.#append(partFrame(entry));
    for await (const chunk of archive) await this.#append(chunk);
    this.#entries.push(entry);
  }

  /** Refers to a part that lies elsewhere. */
  referToPart(sha256: string, length: number): void {
    this.#entries.push({ kind: "external", sha256, length });
  }

  /** Writes index and trailer and closes the file. @returns the archive's length in bytes */
  async finish(contentSha256: string): Promise<number> {
    const index = writeIndex({ contentSha256, entries: this.#entries });
    await this.#append(new ByteWriter().byte(TAG.index).raw(index).raw(trailer(index)).finish());
    await this.file.close();
    return this.#written;
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

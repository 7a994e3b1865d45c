import type { Source } from "../../graph/source";
import type { FileWriter } from "../file-writer";

const CHUNK_BYTES = 1 << 16;

/** The bytes `[start, end)` of a source, chunk by chunk. */
export async function* chunksOf(source: Source, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += CHUNK_BYTES) yield await source.read(at, Math.min(CHUNK_BYTES, end - at));
}

/** Appends the bytes `[start, end)` of a source to a file. */
export async function copyBytes(source: Source, start: number, end: number, file: FileWriter): Promise<void> {
  for await (const chunk of chunksOf(source, start, end)) file.write(chunk);
}

import { type FileHandle, open } from "node:fs/promises";

interface Box {
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  /** Bytes of size and type. */
  readonly header: number;
}

const MAX_MOOV_BYTES = 256 << 20;
const CONTAINERS = new Set(["moov", "trak", "mdia", "minf", "stbl"]);
const COPY_BYTES = 4 << 20;

/**
 * Moves the `moov` box of an MP4 file (ISO/IEC 14496-12) in front of the media data, so that playing can begin
 * before the file has arrived. Writes the result to `output` and returns its size in bytes.
 */
export async function writeFaststart(input: string, output: string): Promise<number> {
  const source = await open(input, "r");
  const target = await open(output, "w");
  try {
    const boxes = await topLevelBoxes(source);
    const moov = boxes.find(({ type }) => type === "moov");
    if (!moov || moov.size > MAX_MOOV_BYTES) throw new Error("the MP4 file has no movie header");
    const header = await readAt(source, moov.offset, moov.size);
    const first = boxes.find(({ type }) => type === "mdat");
    if (first && first.offset < moov.offset) shiftChunkOffsets(header, moov.size);
    const before = boxes.filter(({ offset }) => offset < (first?.offset ?? 0) && offset !== moov.offset);
    const after = boxes.filter(({ offset }) => offset >= (first?.offset ?? 0) && offset !== moov.offset);
    let at = 0;
    for (const box of before) at = await copy(source, box, target, at);
    await target.write(header, 0, header.length, at);
    at += header.length;
    for (const box of after) at = await copy(source, box, target, at);
    await target.sync();
    return at;
  } finally {
    await source.close();
    await target.close();
  }
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
  return buffer.subarray(0, bytesRead);
}

async function topLevelBoxes(file: FileHandle): Promise<Box[]> {
  const { size: end } = await file.stat();
  const boxes: Box[] = [];
  for (let offset = 0; offset + 8 <= end; ) {
    const box = boxAt(await readAt(file, offset, 16), 0, offset, end);
    boxes.push(box);
    offset += box.size;
  }
  return boxes;
}

/** Reads a box header at `at` in `bytes`; `offset` is what that place is called, `end` where the parent ends. */
function boxAt(bytes: Buffer, at: number, offset: number, end: number): Box {
  const short = bytes.readUInt32BE(at);
  const type = bytes.toString("latin1", at + 4, at + 8);
  const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? end - offset : short;
  if (size < 8 || offset + size > end) throw new Error(`the MP4 box ${type} has a wrong size`);
  return { type, offset, size, header: short === 1 ? 16 : 8 };
}

/** Adds `by` to every chunk offset (8.7.5) inside a `moov` box, in place. */
function shiftChunkOffsets(bytes: Buffer, by: number, start = 0, end = bytes.length): void {
  for (let at = start; at + 8 <= end; ) {
    const { type, size, header } = boxAt(bytes, at, at, end);
    if (CONTAINERS.has(type)) shiftChunkOffsets(bytes, by, at + header, at + size);
    else if (type === "stco" || type === "co64") shiftTable(bytes, at + header, type === "co64", by);
    at += size;
  }
}

function shiftTable(bytes: Buffer, at: number, wide: boolean, by: number): void {
  const count = bytes.readUInt32BE(at + 4);
  for (let i = 0; i < count; i++) {
    const entry = at + 8 + i * (wide ? 8 : 4);
    if (wide) bytes.writeBigUInt64BE(bytes.readBigUInt64BE(entry) + BigInt(by), entry);
    else bytes.writeUInt32BE(bytes.readUInt32BE(entry) + by, entry);
  }
}

async function copy(source: FileHandle, box: Box, target: FileHandle, at: number): Promise<number> {
  const buffer = Buffer.alloc(Math.min(COPY_BYTES, box.size));
  for (let done = 0; done < box.size; ) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, box.size - done), box.offset + done);
    if (bytesRead === 0) throw new Error("the MP4 file ends early");
    await target.write(buffer, 0, bytesRead, at + done);
    done += bytesRead;
  }
  return at + box.size;
}

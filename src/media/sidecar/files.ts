import { constants, IOContext } from "bare-ffmpeg";
import { closeSync, fstatSync, openSync, readSync, writeSync } from "bare-fs";

const BUFFER_BYTES = 256 << 10;
const { SIZE, CUR, END, FORCE } = constants.seek;

/** A file as FFmpeg's I/O callbacks see it: a position over a descriptor. */
class Cursor {
  private position = 0;

  constructor(private readonly fd: number) {}

  read(buffer: Uint8Array, length: number): number {
    const bytes = readSync(this.fd, buffer, 0, length, this.position);
    this.position += bytes;
    return bytes;
  }

  write(buffer: Uint8Array): void {
    for (let at = 0; at < buffer.length; ) {
      at += writeSync(this.fd, buffer, at, buffer.length - at, this.position + at);
    }
    this.position += buffer.length;
  }

  seek(offset: number, whence: number): number {
    const mode = whence & ~FORCE;
    if (mode === SIZE) return fstatSync(this.fd).size;
    if (mode === CUR) this.position += offset;
    else if (mode === END) this.position = fstatSync(this.fd).size + offset;
    else this.position = offset;
    return this.position;
  }
}

export interface OpenFile {
  readonly io: IOContext;
  close(): void;
}

export function openForReading(path: string): OpenFile {
  const fd = openSync(path, "r");
  const cursor = new Cursor(fd);
  const io = new IOContext(BUFFER_BYTES, {
    onread: (buffer, length) => cursor.read(buffer, length),
    onseek: (offset, whence) => cursor.seek(offset, whence),
  });
  return { io, close: () => closeSync(fd) };
}

export function openForWriting(path: string): OpenFile {
  const fd = openSync(path, "w+");
  const cursor = new Cursor(fd);
  const io = new IOContext(BUFFER_BYTES, {
    onwrite: (buffer) => cursor.write(buffer),
    onseek: (offset, whence) => cursor.seek(offset, whence),
  });
  return { io, close: () => closeSync(fd) };
}

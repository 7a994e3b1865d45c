import { createCipheriv } from "node:crypto";

/** Bytes that nothing compresses, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const key = Buffer.alloc(16, String(seed));
  return new Uint8Array(createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length)));
}

/** A multipart body written by hand, so that it can be wrong. */
export function multipart(boundary: string, ...parts: { head: string; content: string | Uint8Array }[]): Buffer {
  const pieces = parts.flatMap(({ head, content }) => [`--${boundary}\r\n${head}\r\n\r\n`, content, "\r\n"]);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string)));
}

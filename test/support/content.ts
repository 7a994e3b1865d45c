import { createCipheriv } from "node:crypto";

/** Bytes that nothing compresses, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const key = Buffer.alloc(16, String(seed));
  return new Uint8Array(createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length)));
}

import { Refusal } from "../errors";

/** A key is at most this long, so that it fits one file name. */
export const MAX_KEY_LENGTH = 180;

const KEY = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;

/**
 * Accepts segments of `a-z 0-9 . _ -` that begin with a letter or digit, joined by single slashes: nothing that a
 * file system or a URL could read as a way out.
 * @throws RangeError: keys are made by the appliance, so a bad one is a mistake in it
 */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH || !KEY.test(key)) {
    throw new RangeError(`Not an object key: ${JSON.stringify(key.slice(0, MAX_KEY_LENGTH))}`);
  }
}

/** @throws RangeError unless both are whole numbers of bytes from 0 on */
export function checkRange(offset: number, length: number): void {
  if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0)) {
    throw new RangeError(`Not a byte range: ${length} bytes from ${offset}`);
  }
}

/** @throws Refusal `aborted` */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Refusal("aborted", "The transfer to or from the storage was cancelled.");
}

/** What `read` says of an object that is not there. */
export function missing(key: string): Refusal {
  return new Refusal("damaged", `The stored object ${key} is missing.`, { key });
}

/** What `read` says of an object that ends before the range does. `size` in bytes, where known. */
export function tooShort(key: string, end: number, size?: number): Refusal {
  const found = size === undefined ? "it is shorter" : `it has ${size}`;
  return new Refusal("damaged", `The stored object ${key} should have ${end} bytes or more, but ${found}.`, {
    key,
  });
}

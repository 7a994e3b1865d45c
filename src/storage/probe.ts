import { randomBytes, randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../errors";
import { fileRefusal } from "./files";
import type { ObjectStore } from "./object-store";

const PROBE_BYTES = 64;

/**
 * Takes a store through everything that it is needed for, with one small object that is gone afterwards.
 * `scratch` is a folder for the file to put.
 * @throws Refusal what the store throws, or `storage_unavailable` when it does not give back what was put
 */
export async function probe(store: ObjectStore, scratch: string): Promise<void> {
  const id = randomUUID();
  const key = `probe/${id}`;
  const path = join(scratch, `probe~${id}`);
  const bytes = randomBytes(PROBE_BYTES);
  try {
    await writeFile(path, bytes).catch((error) => {
      throw fileRefusal(error, scratch);
    });
    await store.putFile(key, path);
    const half = PROBE_BYTES / 2;
    const back = [await store.read(key, 0, half), await store.read(key, half, half)];
    if (!Buffer.concat(back).equals(bytes)) {
      throw new Refusal("storage_unavailable", "The storage gives back other bytes than it was given.");
    }
    if (!(await lists(store, key))) {
      throw new Refusal("storage_unavailable", "The storage does not list an object that it has just stored.");
    }
    await store.remove(key);
    if ((await store.size(key)) !== null) {
      throw new Refusal("storage_unavailable", "The storage keeps an object that was removed.");
    }
  } catch (error) {
    await store.remove(key).catch(() => {});
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

async function lists(store: ObjectStore, key: string): Promise<boolean> {
  for await (const object of store.list(key)) if (object.key === key) return true;
  return false;
}

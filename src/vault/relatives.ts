import { join } from "node:path";
import { MAX_DELTA_BYTES } from "../codecs/codec";
import type { StoredFile } from "../database/repository";
import { Refusal } from "../errors";
import { FileSource } from "../graph/source";
import type { Appliance } from "./appliance";
import type { Chosen } from "./choose";
import { contentOf } from "./retrieve";
import { sketchOf } from "./sketch";
import type { Spooled } from "./vault";

/** Smaller files have little to gain. */
const MIN_BYTES = 2 << 10;
/** Features of 32 that two files share before one is tried as the other's base: about an eighth of their strings. */
const MIN_SHARED = 4;

/** A stored file much like one that is being uploaded. */
export interface Relative {
  readonly file: StoredFile;
  /** Its content, in a file of the upload's workspace. */
  readonly path: string;
}

/** The features of an upload, empty where its codec has no use for them. */
export async function sketchUpload({ codec, request }: Chosen, { path, size }: Spooled): Promise<number[]> {
  if (!codec.deltas || request.level === "fast" || size < MIN_BYTES || size > MAX_DELTA_BYTES) return [];
  const source = new FileSource(path);
  try {
    return sketchOf(source.readNow(0, size));
  } finally {
    source.close();
  }
}

/** Finds what an upload may be a new version of. A relative that cannot be read is none: the upload does without. */
export async function findRelative(
  appliance: Appliance,
  spaceId: string,
  sketch: readonly number[],
  directory: string,
): Promise<Relative | undefined> {
  const similar = await appliance.repository.mostSimilar(spaceId, sketch);
  if (!similar || similar.shared < MIN_SHARED) return undefined;
  const { file } = similar;
  const path = join(directory, "relative");
  try {
    const out = Bun.file(path).writer();
    for await (const bytes of contentOf(appliance, file)) await out.write(bytes);
    await out.end();
    return { file, path };
  } catch (error) {
    if (error instanceof Refusal && error.kind === "damaged") return undefined;
    throw error;
  }
}

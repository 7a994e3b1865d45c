import type { Source } from "../graph/source";

const STEP_BYTES = 1 << 20;

/** A source from its start to its end. */
export async function* readSource(source: Source): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += STEP_BYTES) yield await source.read(at, STEP_BYTES);
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemorySource } from "../graph/source";
import type { Codec, CodecRequest, Prepared, Scratch } from "./codec";
import { render } from "./testing";

/** What a codec made of a file. */
export interface Outcome {
  readonly prepared: Prepared;
  /** What a download would give. */
  readonly content: Uint8Array;
}

/** Prepares a file and executes its plan. @throws Error when the segments do not give the prepared file back */
export async function through(codec: Codec, bytes: Uint8Array, over: Partial<CodecRequest>): Promise<Outcome> {
  const request: CodecRequest = { format: codec.formats[0].name, params: {}, level: "fast", name: "", ...over };
  const outcome = await prepareWith(bytes, (source, scratch) => codec.prepare!(source, request, scratch));
  const rendered = await render(codec, outcome.content, request);
  if (Buffer.compare(rendered.bytes, outcome.content) !== 0) throw new Error("the plan gives other bytes");
  return outcome;
}

/** Runs a lossy step in a directory of its own and takes what it wrote. */
export async function prepareWith(
  bytes: Uint8Array,
  prepare: (source: MemorySource, scratch: Scratch) => Promise<Prepared>,
): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), "smallest-codec-"));
  let files = 0;
  try {
    const prepared = await prepare(new MemorySource(bytes), { path: () => join(directory, String(files++)) });
    return { prepared, content: prepared.path ? new Uint8Array(readFileSync(prepared.path)) : bytes };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Helpers of the codecs' tests. */
import { MAX_PART_BYTES, MAX_SEGMENT_BYTES, type PlanBytes, type PlanNode, type Segment } from "../graph/plan";
import { MemorySource, type Source } from "../graph/source";
import { transformByName } from "../graph/transforms";
import type { Codec, CodecRequest, Probe } from "./codec";
import { probe } from "./registry";

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

export function joinBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

export function probeOf(content: Uint8Array | string, name = ""): Promise<Probe> {
  return probe(new MemorySource(typeof content === "string" ? bytesOf(content) : content), name);
}

/** Bytes that no model can shrink, the same on every run (xorshift32). */
export function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

/** A request with the codec's defaults. */
export function requestOf(codec: Codec, over: Partial<CodecRequest> = {}): CodecRequest {
  const params = Object.fromEntries(
    Object.entries(codec.params.properties).map(([key, schema]) => [key, schema.default]),
  );
  return { format: codec.formats[0].name, level: "fast", name: "", params, ...over };
}

/** The values of a codec's lossy parameters at which it loses nothing. */
export function exactParams(codec: Codec): Record<string, unknown> {
  const exact: Record<string, unknown> = { drop_bits: 0, precision: "full", simplify: 0, quality: "lossless" };
  return Object.fromEntries(Object.entries(exact).filter(([key]) => key in codec.params.properties));
}

export interface Rendered {
  readonly bytes: Uint8Array;
  readonly segments: readonly Segment[];
  /** Contents of the part leaves, in order. */
  readonly parts: readonly Uint8Array[];
}

/** Plans a file and executes the plan without coding: what an archive of it would give back. */
export async function render(
  codec: Codec,
  content: Uint8Array,
  over: Partial<CodecRequest> = {},
): Promise<Rendered> {
  const source = new MemorySource(content);
  const segments: Segment[] = [];
  const parts: Uint8Array[] = [];
  const pieces: Uint8Array[] = [];
  for await (const segment of codec.plan(source, requestOf(codec, over))) {
    const bytes = await evaluate(segment.root, source, parts);
    if (bytes.length !== segment.length) throw new Error(`a segment gives ${bytes.length}, not ${segment.length}`);
    if (bytes.length === 0 || bytes.length > MAX_SEGMENT_BYTES)
      throw new Error(`a segment of ${bytes.length} bytes`);
    segments.push(segment);
    pieces.push(bytes);
  }
  return { bytes: joinBytes(...pieces), segments, parts };
}

async function evaluate(node: PlanNode, source: Source, parts: Uint8Array[]): Promise<Uint8Array> {
  if (node.kind === "transform") {
    const inputs: Uint8Array[] = [];
    for (const input of node.inputs) inputs.push(await evaluate(input, source, parts));
    const transform = transformByName(node.transform);
    const params = node.params ?? new Uint8Array();
    const length = transform.outputLength(
      inputs.map((input) => input.length),
      params,
    );
    return transform.apply(inputs, params, length);
  }
  const bytes = await contentOf(node.data, source);
  if (node.kind === "part") {
    if (bytes.length > MAX_PART_BYTES) throw new Error(`a part of ${bytes.length} bytes`);
    parts.push(bytes);
  }
  return bytes;
}

async function contentOf(data: PlanBytes, source: Source): Promise<Uint8Array> {
  return data instanceof Uint8Array ? data : source.read(data.offset, data.length);
}

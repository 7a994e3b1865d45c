import { general, MAX_SEGMENT_BYTES, type PlanNode, type Segment } from "../../graph/plan";
import { MemorySource, type Source } from "../../graph/source";
import { deflateParams, writeRecipe } from "../../graph/transforms/deflate";
import { analyseDeflate } from "../../kernels/recompress/deflate";
import { pays } from "../unwrap/budget";
import { inflateAt } from "../unwrap/inflate";

/**
 * Plans a file that is one deflate stream (PS3.5 section A.5) from `start` on.
 *
 * @param inner plans what the stream holds
 * @returns undefined where the stream cannot be made again or is too long
 */
export async function deflatedNode(
  source: Source,
  start: number,
  inner: (plain: Source) => AsyncIterable<Segment>,
): Promise<PlanNode | undefined> {
  if (source.size > MAX_SEGMENT_BYTES) return undefined;
  const bytes = await source.read(0, source.size);
  const inflated = inflateAt(bytes, start);
  if (inflated === undefined || inflated === "unfinished") return undefined;
  const end = start + inflated.length;
  const parts = analyseDeflate(bytes.subarray(start, end));
  if (!parts || !pays(parts, inflated.length)) return undefined;
  const { plain, corrections } = parts;
  const contents: PlanNode[] = [];
  for await (const { root } of inner(new MemorySource(plain))) contents.push(withBytes(root, plain));
  const recipe = writeRecipe([
    {
      ...{ gap: start, content: 0, length: plain.length },
      ...{ wrapping: "deflate", corrections: corrections.length, cuts: [] },
    },
  ]);
  const skeleton = new Uint8Array(Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]));
  const content: PlanNode = { kind: "transform", transform: "concat", inputs: contents };
  const inputs = [general(skeleton), general(recipe), general(corrections), content];
  return { kind: "transform", transform: "deflate", params: deflateParams(bytes.length), inputs };
}

/** A plan for derived bytes: ranges of them are taken out. */
function withBytes(node: PlanNode, bytes: Uint8Array): PlanNode {
  if (node.kind === "transform") return { ...node, inputs: node.inputs.map((input) => withBytes(input, bytes)) };
  const { data } = node;
  if (data instanceof Uint8Array) return node;
  return { ...node, data: bytes.slice(data.offset, data.offset + data.length) };
}

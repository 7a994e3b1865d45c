import { Refusal } from "../errors";
import { modelById } from "../kernels/models";
import { MAX_SEGMENT_BYTES } from "./plan";
import type { StoredModel, StoredNode, StoredTransform } from "./stored";
import { transformById } from "./transforms";

/** What all nodes of one tree may give together: bounds the memory of a job, however the tree is made. */
const MAX_TOTAL_BYTES = 4 * MAX_SEGMENT_BYTES;

/** The contents of the shared parts that a tree refers to, by their place in the archive's table. */
export type PartContents = ReadonlyMap<number, Uint8Array>;

/**
 * Executes a stored tree: the universal decoder, which knows models and transforms but no file format.
 *
 * @param length bytes that the tree must give
 * @throws Refusal `damaged` when the tree breaks a limit, is not understood or gives something else
 */
export function replay(root: StoredNode, length: number, parts: PartContents): Uint8Array {
  const outputs = new Map<StoredNode, number>();
  const stated = measure(root, parts, outputs);
  if (stated !== length) throw broken(`gives ${stated} bytes instead of ${length}`);
  return evaluate(root, parts, outputs);
}

/** Works out every node's length without executing anything, within the limits. */
function measure(root: StoredNode, parts: PartContents, outputs: Map<StoredNode, number>): number {
  let total = 0;
  const visit = (node: StoredNode): number => {
    if (node.kind === "model" && node.prior) visit(node.prior);
    const length = node.kind === "transform" ? transformed(node, node.inputs.map(visit)) : leafLength(node, parts);
    if (!Number.isSafeInteger(length) || length < 0 || length > MAX_SEGMENT_BYTES) {
      throw broken(`has a node of ${length} bytes`);
    }
    total += length;
    if (total > MAX_TOTAL_BYTES) throw broken(`needs more than ${MAX_TOTAL_BYTES} bytes`);
    outputs.set(node, length);
    return length;
  };
  return visit(root);
}

function transformed(node: StoredTransform, lengths: number[]): number {
  const transform = transformById(node.id, node.version);
  if (!transform) throw unknown("transform", node);
  return attempt(`transform ${transform.name}`, () => transform.outputLength(lengths, node.params));
}

function leafLength(node: Exclude<StoredNode, StoredTransform>, parts: PartContents): number {
  return node.kind === "model" ? node.length : partContent(node.index, parts).length;
}

function partContent(index: number, parts: PartContents): Uint8Array {
  const content = parts.get(index);
  if (!content) throw broken(`refers to part ${index}, which the archive does not have`);
  return content;
}

function evaluate(node: StoredNode, parts: PartContents, outputs: Map<StoredNode, number>): Uint8Array {
  if (node.kind === "part") return partContent(node.index, parts);
  if (node.kind === "model") {
    return decodeLeaf(node, node.prior ? evaluate(node.prior, parts, outputs) : node.params);
  }
  const transform = transformById(node.id, node.version)!;
  const inputs = node.inputs.map((input) => evaluate(input, parts, outputs));
  const length = outputs.get(node)!;
  const output = attempt(`transform ${transform.name}`, () => transform.apply(inputs, node.params, length));
  if (output.length !== length) throw broken(`has a ${transform.name} of ${output.length} bytes, not ${length}`);
  return output;
}

function decodeLeaf(leaf: StoredModel, params: Uint8Array): Uint8Array {
  const model = modelById(leaf.id, leaf.version);
  if (!model) throw unknown("model", leaf);
  const raw = attempt(`model ${model.name}`, () => model.decode(leaf.payload, params, leaf.length));
  if (raw.length !== leaf.length) throw broken(`has a stream of ${raw.length} bytes, not ${leaf.length}`);
  return raw;
}

/** Whatever a model or a transform throws about bytes it did not expect means one thing here. */
function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw broken(`cannot be decoded by ${what}: ${error instanceof Error ? error.message : error}`);
  }
}

function unknown(what: string, { id, version }: { id: number; version: number }): Refusal {
  return broken(`needs ${what} ${id} of version ${version}, which this release does not have; a newer one may`);
}

function broken(why: string): Refusal {
  return new Refusal("damaged", `The block ${why}.`);
}

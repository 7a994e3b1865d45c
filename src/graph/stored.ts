import { ByteReader, ByteWriter } from "./bytes";
import { MAX_SEGMENT_BYTES } from "./plan";

/**
 * A segment as an archive holds it: the tree of {@link PlanNode}s with every leaf coded. Specified in
 * `docs/format/archive.md`, "Block content".
 */
export type StoredNode = StoredModel | StoredPart | StoredTransform;

export interface StoredModel {
  readonly kind: "model";
  readonly id: number;
  readonly version: number;
  readonly params: Uint8Array;
  /** Bytes that the model gives back. */
  readonly length: number;
  readonly payload: Uint8Array;
  /** Its output takes the place of `params`, which are empty then. */
  readonly prior?: StoredNode;
}

export interface StoredPart {
  readonly kind: "part";
  /** Its place in the archive's table of parts. */
  readonly index: number;
}

export interface StoredTransform {
  readonly kind: "transform";
  readonly id: number;
  readonly version: number;
  readonly params: Uint8Array;
  readonly inputs: readonly StoredNode[];
}

/** Inner nodes above any leaf. */
export const MAX_DEPTH = 16;
export const MAX_NODES = 1 << 16;
export const MAX_PARTS = 1 << 24;

const NO_BYTES = new Uint8Array(0);
const KINDS = ["model", "part", "transform", "primed"] as const;

/** Serialises a tree: nodes in pre-order, then the payloads of the model leaves in the same order. */
export function writeStored(root: StoredNode): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const payloads: Uint8Array[] = [];
  writeNode(writer, root, payloads);
  const nodes = writer.finish();
  // Put together in one step: payloads are too large to be copied while a buffer grows.
  const bytes = new Uint8Array(payloads.reduce((sum, payload) => sum + payload.length, nodes.length));
  bytes.set(nodes);
  let at = nodes.length;
  for (const payload of payloads) {
    bytes.set(payload, at);
    at += payload.length;
  }
  return bytes;
}

function writeNode(writer: ByteWriter, node: StoredNode, payloads: Uint8Array[]): void {
  const id = node.kind === "part" ? node.index : node.id;
  const prior = node.kind === "model" ? node.prior : undefined;
  writer.varint(id * 4 + KINDS.indexOf(prior ? "primed" : node.kind));
  if (node.kind === "part") return;
  writer.varint(node.version);
  if (!prior) writer.blob(node.params);
  if (node.kind === "model") {
    writer.varint(node.length).varint(node.payload.length);
    payloads.push(node.payload);
    if (prior) writeNode(writer, prior, payloads);
  } else {
    writer.varint(node.inputs.length);
    for (const input of node.inputs) writeNode(writer, input, payloads);
  }
}

/** The inverse of {@link writeStored}; payloads and parameters are views. @throws Refusal `damaged` */
export function readStored(bytes: Uint8Array, what = "the block"): StoredNode {
  const reader = new ByteReader(bytes, what);
  const leaves: { node: { payload: Uint8Array }; length: number }[] = [];
  let nodes = 0;
  const readNode = (depth: number): StoredNode => {
    if (++nodes > MAX_NODES) throw reader.damaged(`more than ${MAX_NODES} nodes`);
    if (depth > MAX_DEPTH) throw reader.damaged(`more than ${MAX_DEPTH} levels`);
    const tag = reader.varint(MAX_PARTS * 4);
    const kind = KINDS[tag % 4]!;
    const id = Math.floor(tag / 4);
    if (kind === "part") return { kind, index: id };
    const version = reader.varint(0xffff);
    const params = kind === "primed" ? NO_BYTES : reader.blob();
    if (kind !== "transform") {
      const length = reader.varint(MAX_SEGMENT_BYTES);
      const node: StoredModel & { payload: Uint8Array; prior?: StoredNode } = {
        kind: "model",
        id,
        version,
        params,
        length,
        payload: NO_BYTES,
      };
      leaves.push({ node, length: reader.varint(bytes.length) });
      if (kind === "primed") node.prior = readNode(depth + 1);
      return node;
    }
    // Every input takes at least a byte, so no count can be larger than what is left.
    const inputs = Array.from({ length: reader.varint(reader.remaining) }, () => readNode(depth + 1));
    return { kind, id, version, params, inputs };
  };
  const root = readNode(0);
  for (const leaf of leaves) leaf.node.payload = reader.take(leaf.length);
  reader.end();
  return root;
}

/** Places in the table of parts that a tree refers to, each once. */
export function partsOf(node: StoredNode): Set<number> {
  const found = new Set<number>();
  const visit = (at: StoredNode) => {
    if (at.kind === "part") found.add(at.index);
    if (at.kind === "transform") at.inputs.forEach(visit);
    if (at.kind === "model" && at.prior) visit(at.prior);
  };
  visit(node);
  return found;
}

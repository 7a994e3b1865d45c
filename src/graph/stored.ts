import { store } from "../kernels/models/store";
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Inner nodes above any leaf. */
export const MAX_DEPTH = 16;
export const MAX_NODES = 1 << 16;
export const MAX_PARTS = 1 << 24;

const NO_BYTES = new Uint8Array(0);
const KINDS = ["model", "part", "transform", "primed"] as const;

/**
 * Serialises a tree: nodes in pre-order, how long the payloads of its models are, but for the last, and those payloads in
 * the same order. What the root gives, whoever keeps the tree says.
 */
export function writeStored(root: StoredNode): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const payloads: Uint8Array[] = [];
  writeNode(writer, root, payloads, true);
  for (const payload of payloads.slice(0, -1)) writer.varint(payload.length);
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

function writeNode(writer: ByteWriter, node: StoredNode, payloads: Uint8Array[], isRoot = false): void {
  const id = node.kind === "part" ? node.index : node.id;
  const prior = node.kind === "model" ? node.prior : undefined;
  writer.varint(id * 4 + KINDS.indexOf(prior ? "primed" : node.kind));
  if (node.kind === "part") return;
  if (node.kind === "model" && !prior && isStore(node.id)) {
    payloads.push(node.payload);
    return;
  }
  writer.varint(node.version);
  if (!prior) writer.blob(node.params);
  if (node.kind === "model") {
    if (!isRoot) writer.varint(node.length);
    payloads.push(node.payload);
    if (prior) writeNode(writer, prior, payloads);
  } else {
    writer.varint(node.inputs.length);
    for (const input of node.inputs) writeNode(writer, input, payloads);
  }
}

/** Of the model `store` there is nothing to say: it has one version and no parameters, and gives its payload. */
function isStore(id: number): boolean {
  return id === store.id;
}

/**
 * The inverse of {@link writeStored}; payloads and parameters are views.
 *
 * @param length bytes that the root gives
 * @throws Refusal `damaged`
 */
export function readStored(bytes: Uint8Array, length: number, what = "the block"): StoredNode {
  const reader = new ByteReader(bytes, what);
  const leaves: Mutable<StoredModel>[] = [];
  let nodes = 0;
  const readNode = (depth: number): StoredNode => {
    if (++nodes > MAX_NODES) throw reader.damaged(`more than ${MAX_NODES} nodes`);
    if (depth > MAX_DEPTH) throw reader.damaged(`more than ${MAX_DEPTH} levels`);
    const tag = reader.varint(MAX_PARTS * 4);
    const kind = KINDS[tag % 4]!;
    const id = Math.floor(tag / 4);
    if (kind === "part") return { kind, index: id };
    if (kind === "model" && isStore(id)) {
      const node = { kind, id, version: store.version, params: NO_BYTES, length: 0, payload: NO_BYTES };
      leaves.push(node);
      return node;
    }
    const version = reader.varint(0xffff);
    const params = kind === "primed" ? NO_BYTES : reader.blob();
    if (kind !== "transform") {
      const node: Mutable<StoredModel> = {
        kind: "model",
        id,
        version,
        params,
        length: depth === 0 ? length : reader.varint(MAX_SEGMENT_BYTES),
        payload: NO_BYTES,
      };
      leaves.push(node);
      if (kind === "primed") node.prior = readNode(depth + 1);
      return node;
    }
    // Every input takes at least a byte, so no count can be larger than what is left.
    const inputs = Array.from({ length: reader.varint(reader.remaining) }, () => readNode(depth + 1));
    return { kind, id, version, params, inputs };
  };
  const root = readNode(0);
  const lengths = leaves.slice(0, -1).map(() => reader.varint(bytes.length));
  for (const [index, leaf] of leaves.entries()) {
    leaf.payload = reader.take(lengths[index] ?? reader.remaining);
    if (!leaf.prior && isStore(leaf.id)) leaf.length = leaf.payload.length;
  }
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

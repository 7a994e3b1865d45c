import { modelByName, store } from "../kernels/models";
import type { Level, PlanBytes } from "./plan";
import type { FileSource } from "./source";
import type { StoredModel, StoredNode } from "./stored";
import { transformByName } from "./transforms";

/** A plan whose part leaves have got their place in the archive's table of parts: ready for a worker. */
export type CodingNode =
  | {
      readonly kind: "model";
      readonly model: string;
      readonly params?: Uint8Array;
      readonly data: PlanBytes;
      /** What takes the place of `params`: bytes, and the node that gives them. */
      readonly prior?: { readonly data: Uint8Array; readonly node: CodingNode };
    }
  | { readonly kind: "part"; readonly index: number }
  | {
      readonly kind: "transform";
      readonly transform: string;
      readonly params?: Uint8Array;
      readonly inputs: readonly CodingNode[];
    };

const NO_BYTES = new Uint8Array(0);

/** Codes the leaves of a plan. @throws Error when a model or transform is unknown or a model fails */
export function encode(node: CodingNode, source: FileSource, level: Level): StoredNode {
  if (node.kind === "part") return node;
  if (node.kind === "model") return encodeLeaf(node, source, level);
  const { id, version } = transformByName(node.transform);
  const inputs = node.inputs.map((input) => encode(input, source, level));
  return { kind: "transform", id, version, params: node.params ?? NO_BYTES, inputs };
}

function encodeLeaf(leaf: CodingNode & { kind: "model" }, source: FileSource, level: Level): StoredModel {
  const raw = readPlanBytes(leaf.data, source);
  const { prior, params = NO_BYTES } = leaf;
  const model = modelByName(leaf.model, level);
  const payload = model.encode(raw, prior?.data ?? params, level);
  if (payload.length + params.length < raw.length) {
    const { id, version } = model;
    const stored = { kind: "model", id, version, params, length: raw.length, payload } as const;
    return prior ? { ...stored, prior: encode(prior.node, source, level) } : stored;
  }
  const { id, version } = store;
  return { kind: "model", id, version, params: NO_BYTES, length: raw.length, payload: raw };
}

/** The bytes that a plan speaks of. @throws Error when the source is shorter than the plan says */
export function readPlanBytes(data: PlanBytes, source: FileSource): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = source.readNow(data.offset, data.length);
  if (bytes.length !== data.length) throw new Error(`the source has no ${data.length} bytes at ${data.offset}`);
  return bytes;
}

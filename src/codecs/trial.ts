import type { Level, PlanNode } from "../graph/plan";
import { modelByName } from "../kernels/models";

const NO_PARAMS = new Uint8Array(0);

/** Which of several plans for the same bytes, all of them in memory, takes the fewest; found by coding them. */
export function smallestOf(plans: readonly PlanNode[], level: Level): number {
  const sizes = plans.map((plan) => codedBytes(plan, level));
  return sizes.indexOf(Math.min(...sizes));
}

/** What a plan takes whose bytes are in memory; found by coding them. */
export function codedBytes(node: PlanNode, level: Level): number {
  if (node.kind === "transform") return node.inputs.reduce((sum, input) => sum + codedBytes(input, level), 0);
  if (!(node.data instanceof Uint8Array)) throw new Error("a trial needs its bytes in memory");
  if (node.kind === "part") return node.data.length;
  return modelByName(node.model, level).encode(node.data, node.params ?? NO_PARAMS, level).length;
}

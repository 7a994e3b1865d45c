import { general, type Level, type PlanNode } from "../../graph/plan";
import { smallestOf } from "../trial";

/** What is shorter takes no time worth saving. */
const MIN_LIGHT_BYTES = 32 << 10;

/** What is shorter costs more to try than there is to gain. */
const MIN_TRIED_BYTES = 2 << 10;
/** How much of a part tells how well each model does on it. */
const TRIED_BYTES = 96 << 10;

/** Plans what a file's streams hold and what stands between them. */
export function leafAt(level: Level): (bytes: Uint8Array) => PlanNode {
  if (level === "max") return bestOfMixing;
  return level === "balanced" ? sorted : general;
}

/** Fonts and the like are much to code and little to sort, so the coder decides how long a file takes. */
function sorted(data: Uint8Array): PlanNode {
  return data.length < MIN_LIGHT_BYTES ? general(data) : { kind: "model", model: "bwt-light", data };
}

/** Page contents are lines of operators and text: the model of messages often knows them better. */
function bestOfMixing(bytes: Uint8Array): PlanNode {
  if (bytes.length < MIN_TRIED_BYTES) return general(bytes);
  return candidates(bytes)[smallestOf(candidates(bytes.subarray(0, TRIED_BYTES)), "max")]!;
}

function candidates(data: Uint8Array): PlanNode[] {
  return [general(data), { kind: "model", model: "bwt", data }, { kind: "model", model: "mail", data }];
}

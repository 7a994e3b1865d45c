import { general, type Level, type PlanNode } from "../../graph/plan";

/** What a page or two hold is coded in no time by any model; block sorting gains from what is larger. */
const SMALL_BYTES = 96 << 10;

/** Plans what a file's streams hold and what stands between them. */
export function leafAt(level: Level): (bytes: Uint8Array) => PlanNode {
  return level === "balanced" ? smallByMixing : general;
}

function smallByMixing(bytes: Uint8Array): PlanNode {
  return bytes.length <= SMALL_BYTES ? { kind: "model", model: "cm", data: bytes } : general(bytes);
}

import type { RefusalJSON } from "../errors";
import type { Level, PlanNode } from "./plan";

/** What the planner worker needs to know of a file. Structured-clonable. */
export interface PlanRequest {
  /** The codec's name. */
  readonly codec: string;
  readonly path: string;
  readonly request: {
    readonly format: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly level: Level;
    readonly name: string;
    readonly base?: { readonly path: string; readonly archiveBytes: number };
  };
  /** An existing directory for temporary files of this job. */
  readonly scratch: string;
  /** Whether the codec's lossy step may run; shared parts must come back exactly. */
  readonly prepare: boolean;
}

/** The file to be stored, after the codec's only step that may lose something. */
export interface PreparedFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 in hex of a file that `prepare` wrote; absent when it is the upload itself. */
  readonly sha256?: string;
  readonly lossless: boolean;
  readonly report: Readonly<Record<string, string | number | boolean>>;
}

/** A segment on its way from the planner, with the SHA-256 of its part leaves in pre-order. */
export interface PlannedSegment {
  readonly length: number;
  readonly root: PlanNode;
  readonly partHashes: readonly string[];
}

/** To the planner worker. A credit allows one segment more. */
export type ToPlanner =
  | { readonly kind: "plan"; readonly plan: PlanRequest; readonly credits: number }
  | { readonly kind: "credit" };

/** From the planner worker. */
export type FromPlanner =
  | { readonly kind: "prepared"; readonly file: PreparedFile }
  | { readonly kind: "segment"; readonly segment: PlannedSegment }
  | { readonly kind: "done"; readonly cpuSeconds: number }
  /** Still reading: nothing else would tell a slow file from an endless loop. */
  | { readonly kind: "alive" }
  | { readonly kind: "failed"; readonly refusal?: RefusalJSON; readonly message: string };

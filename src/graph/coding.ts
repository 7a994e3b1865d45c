import type { ContentCheck } from "../kernels/checksum";
import type { CodingNode } from "./encode";
import type { Level, PlanBytes } from "./plan";

/** What a coder worker can be asked to do. */
export type CodingJob = EncodeJob | VerifyJob | DecodeJob;

/** A range of a file on disk that a worker opens itself. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface EncodeJob {
  readonly kind: "encode";
  /** What the segment is made of; plan ranges refer to the same file. */
  readonly source: FileRange;
  readonly root: CodingNode;
  readonly level: Level;
}

export interface VerifyJob {
  readonly kind: "verify";
  readonly stored: Uint8Array;
  /** What the stored bytes must give back. */
  readonly source: FileRange;
  readonly parts: ReadonlyMap<number, PlanBytes>;
}

export interface DecodeJob {
  readonly kind: "decode";
  readonly stored: Uint8Array;
  readonly length: number;
  readonly check: ContentCheck;
  readonly parts: ReadonlyMap<number, Uint8Array>;
}

export interface CodingResult {
  /** The stored form for `encode` and `verify`, the content for `decode`. */
  readonly bytes: Uint8Array;
  /** Of the content, for `verify` alone; 0 otherwise. */
  readonly checksum: number;
}

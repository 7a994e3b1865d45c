import { type LentPart, MAX_NEEDS, type PartName, type PlanNode, type Prior } from "../graph/plan";
import type { PlannedSegment } from "../graph/planning";
import type { TextBin } from "./pack";

/** More of the text before is not worth the time. */
const MAX_PRIOR_BYTES = 4 << 20;

/** A part is no prior for more new text than so many times its own: that text is to be a prior itself. */
const MOST_TIMES_NEW = 8;

/** How many times a stream's bytes a part may have that is decoded only to be its prior. */
const MOST_TIMES_STREAM = 2;

/** A part that a stream takes texts from. */
export interface Lender {
  readonly part: LentPart;
  /** How many bytes it takes. */
  used: number;
}

/** A stream of texts of which some are new to the space. */
export interface NewText {
  readonly streamBytes: number;
  readonly newBytes: number;
  readonly lenders: readonly Lender[];
}

/**
 * What new text is coded after: the part that most was borrowed from, since it must be decoded anyway, else the largest
 * one that does not take much longer to decode than the stream.
 */
export async function choosePrior(text: NewText, bin: TextBin): Promise<Prior | undefined> {
  const least = Math.ceil(text.newBytes / MOST_TIMES_NEW);
  const [lender] = text.lenders.toSorted((a, b) => b.used - a.used);
  const suits = lender && lender.part.needs.length < MAX_NEEDS && lender.part.content.length >= least;
  const part = suits ? lender.part : await bin.largest({ least, most: MOST_TIMES_STREAM * text.streamBytes });
  if (!part) return undefined;
  const length = Math.min(part.content.length, text.streamBytes, MAX_PRIOR_BYTES);
  return { part, start: part.content.length - length, length };
}

/** What a part needs that is coded after `prior`. */
export function needsAfter({ needs, sha256, content }: LentPart): PartName[] {
  return [...needs, { sha256, bytes: content.length }];
}

/** Has the texts of a part coded after `prior`. */
export function primed(segment: PlannedSegment, prior: Prior | undefined): PlannedSegment {
  if (!prior) return segment;
  const visit = (node: PlanNode): PlanNode => {
    if (node.kind === "transform") return { ...node, inputs: node.inputs.map(visit) };
    return node.kind === "model" && node.primable ? { ...node, after: prior } : node;
  };
  return { ...segment, root: visit(segment.root) };
}

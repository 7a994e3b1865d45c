/**
 * What a codec plans and the graph executes: an archive is a concatenation of independent segments, each a small
 * tree whose leaves are entropy-coded streams or shared parts and whose inner nodes are exact transforms.
 */

import type { Level } from "../kernels/model";

export type { Level };

/** Bytes of a plan: a range of the source (read by the worker itself) or a stream that the codec derived. */
export type PlanBytes = ByteRange | Uint8Array;

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A leaf coded by a model. `general` takes anything; other models are named in `kernels/models`. */
export interface ModelLeaf {
  readonly kind: "model";
  readonly model: string;
  /** What the model must know beforehand (row width, record size...); stored beside the stream. */
  readonly params?: Uint8Array;
  readonly data: PlanBytes;
  /**
   * Where texts begin in `data` that other files may hold, too (messages, their bodies), rising. A space then keeps the
   * data as a part, planned by {@link ModelLeaf.codec}, and takes from older parts what it has already.
   */
  readonly texts?: readonly number[];
  /** The codec of the part that `data` becomes with {@link ModelLeaf.texts}. */
  readonly codec?: string;
  /** Whether the model takes text that came before for its parameters, so that it can be given a {@link Prior}. */
  readonly primable?: boolean;
  /** What it is given in place of `params`. */
  readonly after?: Prior;
}

/** Text of another part that a model reads before its own. */
export interface Prior {
  readonly part: LentPart;
  /** The bytes of the part that are read; at least one. */
  readonly start: number;
  readonly length: number;
}

/** A part that a space keeps. */
export interface PartName {
  readonly sha256: string;
  /** Bytes of its content. */
  readonly bytes: number;
}

/** A part that a space keeps, decoded. */
export interface LentPart {
  readonly sha256: string;
  /** In shared memory. */
  readonly content: Uint8Array;
  /** The parts that it was coded after, the one that needs none first. */
  readonly needs: readonly PartName[];
}

/** How many parts, each coded after the one before, may have to be decoded before a part can be. */
export const MAX_NEEDS = 2;

/** Content shared between archives, stored once per space by its SHA-256 as an archive of its own. */
export interface PartLeaf {
  readonly kind: "part";
  /** At most {@link MAX_PART_BYTES}. */
  readonly data: PlanBytes;
  /** The name the content had (an attachment's file name), to pick its codec by. */
  readonly name?: string;
  /** Its codec, where that is known. */
  readonly codec?: string;
  /** What its text is coded after, unless the space has the part. */
  readonly after?: Prior;
  /** The parts without which this one cannot be decoded. */
  readonly needs?: readonly PartName[];
}

/** An exact transform: its output is a function of its parameters and its inputs, the same on every machine. */
export interface TransformNode {
  readonly kind: "transform";
  /** A name in `graph/transforms`. */
  readonly transform: string;
  readonly params?: Uint8Array;
  readonly inputs: readonly PlanNode[];
}

export type PlanNode = ModelLeaf | PartLeaf | TransformNode;

/** One independently decodable piece. Segments follow each other and cover the source without gap or overlap. */
export interface Segment {
  /** How many bytes of the source this segment gives back; at most {@link MAX_SEGMENT_BYTES}. */
  readonly length: number;
  readonly root: PlanNode;
}

/** The memory that one job may need follows from this: a few times as much. */
export const MAX_SEGMENT_BYTES = 32 << 20;

export const MAX_PART_BYTES = 16 << 20;

/** The usual block of the general model: large enough for its window, small enough for parallel decoding. */
export const BLOCK_BYTES = 8 << 20;

/**
 * How large a block of the general model is to be. At `max` what repeats far apart counts for more than that several
 * workers share a file: mailboxes of 22 MB became 9 % smaller in one block than in three.
 */
export function blockBytes(level: Level): number {
  return level === "max" ? MAX_SEGMENT_BYTES : BLOCK_BYTES;
}

/** Plans `[offset, offset + length)` as blocks of the general model. */
export function* generalSegments(offset: number, length: number, most = BLOCK_BYTES): Generator<Segment> {
  for (let at = 0; at < length; at += most) {
    const size = Math.min(most, length - at);
    yield { length: size, root: general({ offset: offset + at, length: size }) };
  }
}

export function general(data: PlanBytes): ModelLeaf {
  return { kind: "model", model: "general", data };
}

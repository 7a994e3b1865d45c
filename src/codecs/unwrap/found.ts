import type { Wrapping } from "../../graph/transforms/deflate";

/** A compressed stream that a scanner found in a stretch of bytes, not yet taken apart. */
export interface Found {
  /** Where the bytes begin and end that taking it apart replaces: a deflate stream, a block of BGZF, a picture. */
  readonly start: number;
  readonly end: number;
  /** Where a search has to begin to find it; default: `start`. */
  readonly origin?: number;
  readonly kind: "deflate" | "picture";
  /** The model that knows how a picture is compressed, or what a deflate stream holds, and its parameters. */
  readonly model?: string;
  readonly params?: Uint8Array;
  /** Deflate only: what it holds, and the bytes of the stream where they are not those from `start` to `end`. */
  readonly plain?: Uint8Array;
  /** Pieces of the stream when others stand between them (the chunks of a PNG image), as ranges of the bytes. */
  readonly pieces?: readonly { readonly start: number; readonly end: number }[];
  /** What stands around the stream and follows from it; `end` includes it. */
  readonly wrapping: Wrapping;
  /** What stands around it says how much it holds, and that is true: a bomb would be a picture of that size. */
  readonly isDeclared?: boolean;
  /** Contents of one group are modelled together. */
  readonly group: string;
}

/** The stream goes on behind the bytes at hand. */
export interface Unfinished {
  readonly kind: "unfinished";
  readonly start: number;
  /** What to take it for where nothing goes on behind the bytes: the file is truncated. */
  readonly rest?: Found;
}

/** Finds the next stream that begins at or after `from`. */
export type Scanner = (bytes: Uint8Array, from: number) => Found | Unfinished | undefined;

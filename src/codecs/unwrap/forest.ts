import { general, MAX_SEGMENT_BYTES, type PlanNode } from "../../graph/plan";
import { deflateParams, type RecipeEntry, wrappingBytes, writeRecipe } from "../../graph/transforms/deflate";
import { eexecParams, type PrivateSpan } from "../../graph/transforms/eexec";
import { runsParams, withoutRuns } from "../../graph/transforms/runs";
import { analyseDeflate } from "../../kernels/recompress/deflate";
import { type Budget, pays } from "./budget";
import type { Found, Scanner } from "./found";
import { scanAnything } from "./scan";
import { decryptType1 } from "./type1";

/** How deep streams inside streams are taken apart. */
const MAX_DEPTH = 3;

/** Contents of which long runs are taken out if there is little else. */
const LARGE_BYTES = 1 << 20;
const MAX_REST_SHARE = 1 / 4;

/** What became of some bytes. */
export interface Unwrapped {
  /** Gives back the bytes before `end`. */
  readonly root: PlanNode;
  /** Where the next segment has to begin: a stream there goes on behind the bytes, or this one is full. */
  readonly end: number;
  /** Whether any stream was taken apart. */
  readonly found: boolean;
  /** Nothing was done yet: a stream at the very start goes on behind the bytes. */
  readonly wantsMore?: boolean;
}

export interface UnwrapOptions {
  readonly scan?: Scanner;
  /** Plans bytes of which nothing else is known: what stands between streams, what they hold. Default: general. */
  readonly leaf?: (bytes: Uint8Array) => PlanNode;
  /** Plans the content of streams at the top; default: as `leaf` does. */
  readonly modelled?: (content: Uint8Array) => PlanNode;
  /** Whether the bytes end where their source does, so that nothing can go on behind them. */
  readonly complete?: boolean;
  /** Whether pictures are taken apart, too. */
  readonly images?: boolean;
  readonly depth?: number;
}

/** Takes the streams in some bytes apart and plans to put them together again. */
export function unwrapBytes(bytes: Uint8Array, budget: Budget, options: UnwrapOptions = {}): Unwrapped {
  const { scan = scanAnything, leaf = general, modelled = leaf } = options;
  const { complete = true, images = true, depth = 0 } = options;
  const forest = new Forest(bytes, budget, { leaf, modelled, images }, depth);
  for (let at = 0; at < bytes.length && !budget.isSpent; ) {
    const next = scan(bytes, at);
    if (!next) break;
    if (next.kind === "unfinished" && !complete) {
      if (next.start > 0) return forest.finish(next.start);
      if (bytes.length < MAX_SEGMENT_BYTES) return { ...forest.finish(0), wantsMore: true };
    }
    const found = next.kind === "unfinished" ? next.rest : next;
    if (!found) {
      at = next.start + 1;
      continue;
    }
    if (depth === 0 && !forest.has(found) && budget.wouldFitNext(found)) {
      const cut = Math.max(found.origin ?? found.start, forest.end);
      if (cut > 0) return forest.finish(cut);
    }
    at = forest.add(found) ? found.end : found.start + 1;
  }
  return forest.finish(bytes.length);
}

/** Contents that are modelled together. */
interface Group {
  /** Its place among the contents. */
  readonly index: number;
  readonly pieces: Uint8Array[];
  /** Bytes of the pieces. */
  length: number;
  /** What was decrypted of them, and where the last of it ends. */
  readonly spans: PrivateSpan[];
  end: number;
}

function nodeOf({ pieces, spans }: Group, modelled: (content: Uint8Array) => PlanNode): PlanNode {
  const node = shortened(joined(pieces), modelled);
  if (spans.length === 0) return node;
  return { kind: "transform", transform: "eexec", params: eexecParams(spans), inputs: [node] };
}

/** Pages that are all but blank would take models seconds. */
function shortened(bytes: Uint8Array, modelled: (content: Uint8Array) => PlanNode): PlanNode {
  if (bytes.length < LARGE_BYTES) return modelled(bytes);
  const { rest, recipe } = withoutRuns(bytes);
  if (rest.length > MAX_REST_SHARE * bytes.length) return modelled(bytes);
  const inputs = [modelled(rest), modelled(recipe)];
  return { kind: "transform", transform: "runs", params: runsParams(bytes.length), inputs };
}

/** The streams of some bytes, gathered. */
class Forest {
  readonly #entries: RecipeEntry[] = [];
  readonly #skeleton: Uint8Array[] = [];
  readonly #corrections: Uint8Array[] = [];
  readonly #contents: PlanNode[] = [];
  /** Contents to be modelled together, by group; each has its place among the contents. */
  readonly #groups = new Map<string, Group>();
  /** Entries by the hash of what they replace. */
  readonly #made = new Map<number | bigint, { start: number; end: number; entry: number }>();
  /** Where the last stream ends. */
  #end = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly budget: Budget,
    readonly options: Required<Pick<UnwrapOptions, "leaf" | "modelled" | "images">>,
    readonly depth: number,
  ) {}

  get end(): number {
    return this.#end;
  }

  /** Whether the same stream was taken apart before. */
  has(found: Found): boolean {
    return this.#before(found) !== undefined;
  }

  /** Whether the stream could be taken apart. */
  add(found: Found): boolean {
    if (this.#addAgain(found)) return true;
    const added = found.kind === "deflate" ? this.#addDeflate(found) : this.options.images && this.#addImage(found);
    if (added) this.#remember(found);
    return added;
  }

  finish(end: number): Unwrapped {
    if (this.#entries.length === 0) return { root: general(this.bytes.subarray(0, end)), end, found: false };
    this.#skeleton.push(this.bytes.subarray(this.#end, end));
    for (const group of this.#groups.values()) {
      this.#contents[group.index] = nodeOf(group, this.options.modelled);
    }
    const { leaf } = this.options;
    const inputs = [
      leaf(joined(this.#skeleton)),
      leaf(writeRecipe(this.#entries)),
      leaf(joined(this.#corrections)),
      ...this.#contents,
    ];
    const root: PlanNode = { kind: "transform", transform: "deflate", params: deflateParams(end), inputs };
    return { root, end, found: true };
  }

  /** Files often have a picture, a font or a form twice. */
  #addAgain({ start, end }: Found): boolean {
    const entry = this.#before({ start, end });
    if (entry === undefined) return false;
    this.#enter({ start, end, content: entry, length: 0, wrapping: "again", corrections: 0, cuts: [] });
    return true;
  }

  /** The entry that made the same bytes. */
  #before({ start, end }: Pick<Found, "start" | "end">): number | undefined {
    const bytes = this.bytes.subarray(start, end);
    const before = this.#made.get(Bun.hash(bytes));
    const isSame = before && Buffer.compare(bytes, this.bytes.subarray(before.start, before.end)) === 0;
    return isSame ? before.entry : undefined;
  }

  #remember({ start, end }: Found): void {
    this.#made.set(Bun.hash(this.bytes.subarray(start, end)), { start, end, entry: this.#entries.length - 1 });
  }

  #addImage({ start, end, model, params }: Found): boolean {
    const index =
      this.#contents.push({ kind: "model", model: model!, params, data: this.bytes.slice(start, end) }) - 1;
    this.#enter({ start, end, content: index, length: end - start, wrapping: "none", corrections: 0, cuts: [] });
    return true;
  }

  #addDeflate(found: Found): boolean {
    if (!this.budget.fits(found)) return false;
    const { start, end, wrapping, pieces = [], plain } = found;
    const stream = this.#stream(found);
    this.budget.spend(plain!.length);
    const parts = analyseDeflate(stream);
    if (!parts || !pays(parts, stream.length)) return false;
    this.#corrections.push(parts.corrections);
    const cuts = pieces.slice(1).map((piece, index) => {
      const before = pieces[index]!;
      return { after: before.end - before.start, gap: piece.start - before.end };
    });
    const content = this.#place(parts.plain, found);
    const { length } = parts.plain;
    this.#enter({ start, end, content, length, wrapping, corrections: parts.corrections.length, cuts });
    let at = pieces[0]?.end ?? end;
    for (const piece of pieces.slice(1)) {
      this.#skeleton.push(this.bytes.subarray(at, piece.start));
      at = piece.end;
    }
    return true;
  }

  /** The raw deflate stream, without what stands around it. */
  #stream({ start, end, pieces, wrapping }: Found): Uint8Array {
    if (pieces) return joined(pieces.map((piece) => this.bytes.subarray(piece.start, piece.end)));
    const { before, behind } = wrappingBytes(wrapping);
    return this.bytes.subarray(start + before, end - behind);
  }

  /** Puts a content where it is modelled. @returns its place among the contents */
  #place(plain: Uint8Array, { group, model, params, isDeclared }: Found): number {
    if (model && this.options.images) return this.#contents.push({ kind: "model", model, params, data: plain }) - 1;
    // Nothing is hidden in the samples of a picture.
    if (this.depth + 1 < MAX_DEPTH && !isDeclared) {
      const { images, leaf } = this.options;
      const inner = unwrapBytes(plain, this.budget, { images, leaf, depth: this.depth + 1 });
      if (inner.found) return this.#contents.push(inner.root) - 1;
    }
    const { bytes, span } = decryptType1(plain);
    const name = span ? "type 1 font" : group;
    let members = this.#groups.get(name);
    if (!members) {
      members = { index: this.#contents.push(general(plain)) - 1, pieces: [], length: 0, spans: [], end: 0 };
      this.#groups.set(name, members);
    }
    if (span) {
      const start = members.length + span.gap;
      members.spans.push({ gap: start - members.end, length: span.length });
      members.end = start + span.length;
    }
    members.pieces.push(bytes);
    members.length += bytes.length;
    return members.index;
  }

  #enter(entry: Omit<RecipeEntry, "gap"> & { start: number; end: number }): void {
    const { start, end, ...rest } = entry;
    this.#skeleton.push(this.bytes.subarray(this.#end, start));
    this.#entries.push({ ...rest, gap: start - this.#end });
    this.#end = end;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

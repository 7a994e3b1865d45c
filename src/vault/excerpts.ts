import type { LentPart, ModelLeaf, PartLeaf, PlanNode } from "../graph/plan";
import type { PlannedSegment } from "../graph/planning";
import { type ExcerptRun, excerptsParams } from "../graph/transforms/excerpts";
import type { TextBin } from "./pack";
import { choosePrior, type Lender, needsAfter } from "./priors";

/** Shorter texts are not looked for: to name them would cost what they cost. */
const MIN_TEXT_BYTES = 256;

/** Less text than this stays in the file's own archive. */
const MIN_PART_BYTES = 16 << 10;

/** A part of which less is needed is not worth decoding for it. */
const MIN_BORROWED_BYTES = 2 << 10;

/** A text within a part, by its hash. */
export interface Text {
  readonly hash: string;
  readonly start: number;
  readonly bytes: number;
}

type TextLeaf = ModelLeaf & { readonly data: Uint8Array; readonly texts: readonly number[] };

/**
 * Replaces texts that the space has already in other parts by excerpts from those, and makes what remains of each
 * stream a part of its own, so that files to come can do the same. Streams stay whole: a text is modelled after all the
 * new text before it, however much of it is shared later.
 */
export async function borrowTexts(segment: PlannedSegment, bin: TextBin): Promise<PlannedSegment> {
  const hashes = segment.partHashes[Symbol.iterator]();
  const needs = await bin.needs(segment.partHashes);
  const partHashes: string[] = [];
  const visit = async (node: PlanNode): Promise<PlanNode> => {
    if (node.kind === "part") {
      const sha256: string = hashes.next().value!;
      partHashes.push(sha256);
      return { ...node, needs: needs.get(sha256) };
    }
    if (node.kind === "transform") {
      const inputs: PlanNode[] = [];
      for (const input of node.inputs) inputs.push(await visit(input));
      return { ...node, inputs };
    }
    if (!isTextLeaf(node) || node.data.length < MIN_PART_BYTES) return node;
    const { root, parts } = await new Borrowing(node, bin).plan();
    partHashes.push(...parts);
    return root;
  };
  const root = await visit(segment.root);
  return { length: segment.length, root, partHashes };
}

function isTextLeaf(node: ModelLeaf): node is TextLeaf {
  return node.texts !== undefined && node.data instanceof Uint8Array;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly hash?: string;
}

/** One stream on its way into excerpts of parts. */
class Borrowing {
  readonly #lenders: Lender[] = [];
  /** Inputs are numbered as the lenders are; the new text is -1 until all are known. */
  readonly #runs: ExcerptRun[] = [];
  readonly #fresh: Piece[] = [];
  #freshBytes = 0;

  constructor(
    readonly leaf: TextLeaf,
    readonly bin: TextBin,
  ) {}

  /** @returns the plan, and the SHA-256 of its parts in its order */
  async plan(): Promise<{ root: PlanNode; parts: string[] }> {
    const pieces = this.#pieces();
    const known = await this.bin.find(pieces.flatMap(({ hash }) => hash ?? []));
    const parts = await this.#decoded(pieces, known);
    for (const piece of pieces) {
      const text = piece.hash === undefined ? undefined : known.get(piece.hash);
      const part = text && parts.get(text.sha256);
      if (part && this.#holds(part, text.start, piece)) this.#borrow(part, text.start, piece);
      else if (!this.#goesOn(piece)) this.#keep(piece);
    }
    return this.#assemble();
  }

  #pieces(): Piece[] {
    const { data, texts } = this.leaf;
    const cuts = [0, ...texts.filter((at) => at > 0 && at < data.length), data.length];
    return cuts.slice(1).map((end, i) => {
      const start = cuts[i]!;
      return end - start < MIN_TEXT_BYTES
        ? { start, end }
        : { start, end, hash: hashOf(data.subarray(start, end)) };
    });
  }

  /** The parts worth borrowing from; one that cannot be read is as good as unknown. */
  async #decoded(pieces: readonly Piece[], known: ReadonlyMap<string, { sha256: string }>) {
    const wanted = new Map<string, number>();
    for (const { hash, start, end } of pieces) {
      const sha256 = hash === undefined ? undefined : known.get(hash)?.sha256;
      if (sha256 !== undefined) wanted.set(sha256, (wanted.get(sha256) ?? 0) + end - start);
    }
    const parts = new Map<string, LentPart>();
    for (const [sha256, bytes] of wanted) {
      const part = bytes < MIN_BORROWED_BYTES ? undefined : await this.bin.content(sha256);
      if (part) parts.set(sha256, part);
    }
    return parts;
  }

  #holds({ content }: LentPart, at: number, { start, end }: Piece): boolean {
    return Buffer.compare(content.subarray(at, at + end - start), this.leaf.data.subarray(start, end)) === 0;
  }

  /** Whether the piece, too short to be looked for, follows the one before in its part, too. */
  #goesOn(piece: Piece): boolean {
    const last = this.#runs.at(-1);
    const lender = last && this.#lenders[last.input];
    if (!lender || !this.#holds(lender.part, last.start + last.length, piece)) return false;
    this.#borrow(lender.part, last.start + last.length, piece);
    return true;
  }

  #borrow(part: LentPart, start: number, piece: Piece): void {
    let input = this.#lenders.findIndex((lender) => lender.part === part);
    if (input < 0) input = this.#lenders.push({ part, used: 0 }) - 1;
    this.#lenders[input]!.used += piece.end - piece.start;
    this.#append({ input, start, length: piece.end - piece.start });
  }

  #keep(piece: Piece): void {
    const length = piece.end - piece.start;
    this.#append({ input: -1, start: this.#freshBytes, length });
    this.#fresh.push(piece);
    this.#freshBytes += length;
  }

  #append(run: ExcerptRun): void {
    const last = this.#runs.at(-1);
    if (last && last.input === run.input && last.start + last.length === run.start) {
      this.#runs[this.#runs.length - 1] = { ...last, length: last.length + run.length };
    } else {
      this.#runs.push(run);
    }
  }

  async #assemble(): Promise<{ root: PlanNode; parts: string[] }> {
    const inputs: PlanNode[] = this.#lenders.map(({ part }): PartLeaf => {
      return { kind: "part", data: part.content, needs: part.needs };
    });
    const parts = this.#lenders.map(({ part }) => part.sha256);
    for (const { part, used } of this.#lenders) this.bin.borrow(part.sha256, used);
    if (this.#freshBytes > 0) {
      const { node, sha256 } = await this.#freshNode();
      inputs.push(node);
      if (sha256 !== undefined) parts.push(sha256);
    }
    if (this.#lenders.length === 0) return { root: inputs[0]!, parts };
    const runs = this.#runs.map((run) => (run.input < 0 ? { ...run, input: inputs.length - 1 } : run));
    return { root: { kind: "transform", transform: "excerpts", params: excerptsParams(runs), inputs }, parts };
  }

  async #freshNode(): Promise<{ node: PlanNode; sha256?: string }> {
    const { codec, texts: _, ...leaf } = this.leaf;
    // Shared, because it goes to several workers: to be packed, and to verify the segment.
    const data = new Uint8Array(new SharedArrayBuffer(this.#freshBytes));
    const texts: Text[] = [];
    let at = 0;
    for (const { start, end, hash } of this.#fresh) {
      data.set(this.leaf.data.subarray(start, end), at);
      if (hash !== undefined) texts.push({ hash, start: at, bytes: end - start });
      at += end - start;
    }
    if (data.length < MIN_PART_BYTES) return { node: { ...leaf, data: data.slice() } };
    const sha256 = new Bun.CryptoHasher("sha256").update(data).digest("hex");
    this.bin.note(sha256, texts);
    const node = { kind: "part", data, codec } as const;
    const known = (await this.bin.needs([sha256])).get(sha256);
    if (known) return { node: { ...node, needs: known }, sha256 };
    const text = { streamBytes: this.leaf.data.length, newBytes: data.length, lenders: this.#lenders };
    const after = this.leaf.primable ? await choosePrior(text, this.bin) : undefined;
    return { node: { ...node, after, needs: after && needsAfter(after.part) }, sha256 };
  }
}

/** 128 bits, so that no two texts of a space share one by chance; what they name is compared all the same. */
function hashOf(text: Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 32);
}

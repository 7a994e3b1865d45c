import { general, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import {
  BLOCK_HEAD_BYTES,
  BLOCK_HEADER,
  BLOCK_TAIL_BYTES,
  type Block,
  type BlockRun,
  bgzfParams,
  writeRuns,
} from "../../graph/transforms/bgzf";
import { hasMagic, viewOf } from "../sniff";
import { inflateWhole } from "../unwrap/inflate";
import type { Engines, Recipe } from "./engines";

/** How much of a file is read at once. */
const WINDOW_BYTES = 4 << 20;

/** What one segment may hold: enough to learn from, and few enough bytes for a worker. */
const SEGMENT_PLAIN_BYTES = 16 << 20;
const SEGMENT_BYTES = 24 << 20;

/** A block holds at most 64 KiB. */
const MAX_PLAIN_BYTES = 1 << 16;

/** A BGZF block of a file, or a stretch that is none. */
export type Stretch =
  | { readonly kind: "block"; readonly bytes: Uint8Array; readonly plain: Uint8Array }
  | { readonly kind: "other"; readonly bytes: Uint8Array };

/** Whether a BGZF block stands at the start. */
export function isBgzf(head: Uint8Array): boolean {
  return hasMagic(head, [...BLOCK_HEADER]);
}

/** The file as blocks, and from the first place on that is none, as one stretch after another of other bytes. */
export async function* stretches(source: Source): AsyncGenerator<Stretch> {
  let at = 0;
  for (let isBroken = false; at < source.size; ) {
    const window = await source.read(at, WINDOW_BYTES);
    const isLast = at + window.length === source.size;
    let used = 0;
    while (!isBroken && used < window.length) {
      const block = blockAt(window, used);
      if (block === "unfinished" && !isLast) break;
      if (block === "unfinished" || !block) isBroken = true;
      else {
        yield { kind: "block", ...block };
        used += block.bytes.length;
      }
    }
    if (isBroken) {
      yield { kind: "other", bytes: window.subarray(used) };
      used = window.length;
    }
    at += used;
  }
}

function blockAt(
  bytes: Uint8Array,
  at: number,
): { bytes: Uint8Array; plain: Uint8Array } | "unfinished" | undefined {
  if (at + BLOCK_HEAD_BYTES > bytes.length) return "unfinished";
  if (!hasMagic(bytes, [...BLOCK_HEADER], at)) return undefined;
  const view = viewOf(bytes);
  const end = at + view.getUint16(at + BLOCK_HEADER.length, true) + 1;
  if (end > bytes.length) return "unfinished";
  const start = at + BLOCK_HEAD_BYTES;
  if (end - BLOCK_TAIL_BYTES <= start) return undefined;
  const plain = inflateWhole(bytes.subarray(start, end - BLOCK_TAIL_BYTES), MAX_PLAIN_BYTES);
  if (!plain || view.getUint32(end - 4, true) !== plain.length) return undefined;
  if (view.getUint32(end - BLOCK_TAIL_BYTES, true) !== Number(Bun.hash.crc32(plain))) return undefined;
  return { bytes: bytes.subarray(at, end), plain };
}

/** Plans what the blocks of a segment hold, put together. */
export type ContentPlanner = (content: Uint8Array) => PlanNode;

/** Plans a BGZF file: its blocks by what they hold, all else as it is. */
export async function* bgzfSegments(
  source: Source,
  engines: Engines,
  content: ContentPlanner,
): AsyncGenerator<Segment> {
  let gathered = new Gathered();
  for await (const stretch of stretches(source)) {
    if (gathered.isFull) {
      yield gathered.finish(content);
      gathered = new Gathered();
    }
    if (stretch.kind === "block") gathered.addBlock(stretch, engines.recipeFor(stretch));
    else gathered.addOther(stretch.bytes);
  }
  if (gathered.length > 0) yield gathered.finish(content);
}

/** The blocks of one segment. */
class Gathered {
  length = 0;
  #plainBytes = 0;
  readonly #skeleton: Uint8Array[] = [];
  readonly #corrections: Uint8Array[] = [];
  readonly #contents: Uint8Array[] = [];
  readonly #runs: (BlockRun & { blocks: Block[] })[] = [];
  #gap = 0;

  get isFull(): boolean {
    return this.#plainBytes >= SEGMENT_PLAIN_BYTES || this.length >= SEGMENT_BYTES;
  }

  addOther(bytes: Uint8Array): void {
    this.#skeleton.push(bytes);
    this.#gap += bytes.length;
    this.length += bytes.length;
  }

  addBlock({ bytes, plain }: { bytes: Uint8Array; plain: Uint8Array }, { engine, corrections }: Recipe): void {
    let run = this.#runs.at(-1);
    if (!run || run.engine !== engine || this.#gap > 0) {
      run = { gap: this.#gap, engine, blocks: [] };
      this.#runs.push(run);
      this.#gap = 0;
    }
    run.blocks.push({ length: plain.length, corrections: corrections.length });
    this.#corrections.push(corrections);
    this.#contents.push(plain);
    this.#plainBytes += plain.length;
    this.length += bytes.length;
  }

  finish(content: ContentPlanner): Segment {
    const inputs: PlanNode[] = [
      general(joined(this.#skeleton)),
      general(writeRuns(this.#runs)),
      // Coded already.
      { kind: "model", model: "store", data: joined(this.#corrections) },
      content(joined(this.#contents)),
    ];
    const { length } = this;
    return { length, root: { kind: "transform", transform: "bgzf", params: bgzfParams(length), inputs } };
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

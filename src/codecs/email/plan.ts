import { BLOCK_BYTES, type ByteRange, general, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { base64Params } from "../../graph/transforms/base64";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { lastBefore, lastLineEnd } from "../cuts";
import { latin1 } from "../sniff";
import { type Attachment, decodeRun } from "./decode";
import { findBase64Runs } from "./runs";

/** Shorter base64 text gains less from decoding than a stream of its own costs. */
const MIN_RUN_BYTES = 700;

/** Smaller contents are not worth an object of their own in the store. */
const MIN_PART_BYTES = 4 << 10;

/**
 * Cuts a mailbox into segments: in each, the text between the attachments is one stream, every attachment a shared
 * part under the transform that encodes it again, and `weave` lays them into each other.
 */
export async function* planMailbox(source: Source): AsyncGenerator<Segment> {
  const open = new OpenSegment(source);
  for await (const run of findBase64Runs(source, MIN_RUN_BYTES)) {
    for await (const attachment of decodeRun(source, run)) {
      yield* open.addText(attachment.start);
      yield* open.addAttachment(attachment);
    }
  }
  yield* open.addText(source.size);
  yield* open.close();
}

interface Piece {
  readonly node: PlanNode;
  /** Bytes of the file that it gives back. */
  readonly length: number;
}

/** Collects text and attachments until they make a block. */
class OpenSegment {
  #start = 0;
  #end = 0;
  #pieces: (Piece | ByteRange)[] = [];

  constructor(readonly source: Source) {}

  /** Adds the text up to `end`; yields what is full, cut between messages or at least between lines. */
  async *addText(end: number): AsyncGenerator<Segment> {
    while (end - this.#start > BLOCK_BYTES) {
      this.#pushText(await this.#cut(this.#start + BLOCK_BYTES));
      yield* this.close();
    }
    this.#pushText(end);
  }

  async *addAttachment(attachment: Attachment): AsyncGenerator<Segment> {
    if (attachment.end - this.#start > BLOCK_BYTES) yield* this.close();
    this.#pieces.push({ node: await this.#encodedAgain(attachment), length: attachment.end - attachment.start });
    this.#end = attachment.end;
  }

  async *close(): AsyncGenerator<Segment> {
    const length = this.#end - this.#start;
    if (length > 0) yield { length, root: await this.#root() };
    this.#start = this.#end;
    this.#pieces = [];
  }

  /** Where to end a full block; never inside what was added already. */
  async #cut(target: number): Promise<number> {
    if (target <= this.#end) return this.#end;
    const cut = (await lastBefore(this.source, target, "\nFrom ")) ?? (await lastLineEnd(this.source, target));
    return cut > this.#end ? cut : target;
  }

  #pushText(end: number): void {
    if (end > this.#end) this.#pieces.push({ offset: this.#end, length: end - this.#end });
    this.#end = end;
  }

  async #encodedAgain({ start, data, layout }: Attachment): Promise<PlanNode> {
    const leaf: PlanNode =
      data.length < MIN_PART_BYTES
        ? general(data)
        : { kind: "part", data, name: await attachmentName(this.source, start) };
    return { kind: "transform", transform: "base64", params: base64Params(layout), inputs: [leaf] };
  }

  async #root(): Promise<PlanNode> {
    const texts = this.#pieces.filter((piece) => "offset" in piece);
    const attachments = this.#pieces.filter((piece) => "node" in piece);
    if (attachments.length === 0) return general({ offset: this.#start, length: this.#end - this.#start });
    const inputs = attachments.map(({ node }) => node);
    if (texts.length === 0 && inputs.length === 1) return inputs[0]!;
    if (texts.length > 0) inputs.push(general(await this.#joined(texts)));
    let next = 0;
    const runs = this.#pieces.map((piece): Run => {
      return { input: "node" in piece ? next++ : attachments.length, length: piece.length };
    });
    return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
  }

  async #joined(ranges: readonly ByteRange[]): Promise<Uint8Array> {
    const text = new Uint8Array(ranges.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const { offset, length } of ranges) {
      text.set(await this.source.read(offset, length), at);
      at += length;
    }
    return text;
  }
}

const HEADER_BYTES = 2 << 10;

/** The file name in the headers just before a body (RFC 2183 `filename`, RFC 2046 `name`), a hint to its kind. */
async function attachmentName(source: Source, start: number): Promise<string | undefined> {
  const from = Math.max(0, start - HEADER_BYTES);
  const headers = latin1(await source.read(from, start - from)).replace(/^[\s\S]*\n--/, "");
  return /name\*?\d*\*?=\s*"?([^"\r\n;]+)/i.exec(headers)?.[1];
}

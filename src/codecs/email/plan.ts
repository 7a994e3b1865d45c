import { BLOCK_BYTES, type ByteRange, general, type Level, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { type Base64Layout, base64Params } from "../../graph/transforms/base64";
import { base64RunsParams, type EncodedRun } from "../../graph/transforms/base64-runs";
import { crlfParams } from "../../graph/transforms/crlf";
import { type Run, weaveParams } from "../../graph/transforms/weave";
import { lastBefore, lastLineEnd } from "../cuts";
import { latin1 } from "../sniff";
import { type Attachment, decodeRun } from "./decode";
import { bareLineEnds } from "./line-ends";
import { findBase64Runs } from "./runs";
import { textStarts } from "./texts";

/** Shorter base64 text gains less from decoding than a stream of its own costs. */
const MIN_RUN_BYTES = 200;

/** Smaller contents are not worth an object of their own in the store. */
const MIN_PART_BYTES = 2 << 10;

const TEXT_MODELS: Record<Level, string> = { fast: "general", balanced: "mail-light", max: "mail" };

/** Longer text is an attachment in its own right, not the body of a message. */
const MAX_INLINE_BYTES = 64 << 10;

/**
 * Cuts a mailbox into segments: in each, the text of the messages is one stream, with bodies in base64 decoded where
 * they stand; every attachment is a shared part under the transform that encodes it again, and `weave` lays them into
 * each other.
 */
export async function* planMailbox(source: Source, level: Level): AsyncGenerator<Segment> {
  const open = new OpenSegment(source, level);
  for await (const run of findBase64Runs(source, MIN_RUN_BYTES)) {
    for await (const attachment of decodeRun(source, run)) {
      yield* open.addText(attachment.start);
      yield* open.addAttachment(attachment);
    }
  }
  yield* open.addText(source.size);
  yield* open.close();
}

/** An attachment that has a node of its own. */
interface Apart {
  readonly node: PlanNode;
  /** Bytes of the file that it gives back. */
  readonly length: number;
}

/** Text that was base64. */
interface Decoded {
  readonly data: Uint8Array;
  readonly layout: Base64Layout;
  /** Bytes of the file that it gives back. */
  readonly length: number;
}

type Piece = ByteRange | Decoded | Apart;

/** Collects text and attachments until they make a block. */
class OpenSegment {
  #start = 0;
  #end = 0;
  #pieces: Piece[] = [];

  constructor(
    readonly source: Source,
    readonly level: Level,
  ) {}

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
    this.#pieces.push(await this.#pieceOf(attachment));
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

  async #pieceOf({ start, end, data, layout }: Attachment): Promise<Piece> {
    const length = end - start;
    if (data.length <= MAX_INLINE_BYTES && isText(data)) return { data, layout, length };
    const leaf: PlanNode =
      data.length < MIN_PART_BYTES
        ? general(data)
        : { kind: "part", data, name: await attachmentName(this.source, start) };
    return {
      node: { kind: "transform", transform: "base64", params: base64Params(layout), inputs: [leaf] },
      length,
    };
  }

  async #root(): Promise<PlanNode> {
    const inputs = this.#pieces.filter((piece) => "node" in piece).map(({ node }) => node);
    const texts = this.#pieces.filter((piece): piece is ByteRange | Decoded => !("node" in piece));
    if (texts.length === 0 && inputs.length === 1) return inputs[0]!;
    if (texts.length > 0) inputs.push(await this.#textNode(texts));
    if (inputs.length === 1) return inputs[0]!;
    let next = 0;
    const runs = this.#pieces.map((piece): Run => {
      return { input: "node" in piece ? next++ : inputs.length - 1, length: piece.length };
    });
    return { kind: "transform", transform: "weave", params: weaveParams([{ repeat: 1, runs }]), inputs };
  }

  /** The text of the messages, with what was base64 encoded again. */
  async #textNode(texts: readonly (ByteRange | Decoded)[]): Promise<PlanNode> {
    const text = this.#withLineEnds(await this.#joined(texts));
    const runs: EncodedRun[] = [];
    let gap = 0;
    for (const piece of texts) {
      if ("offset" in piece) {
        gap += piece.length;
      } else {
        runs.push({ gap, length: piece.data.length, layout: piece.layout });
        gap = 0;
      }
    }
    if (runs.length === 0) return text;
    return { kind: "transform", transform: "base64-runs", params: base64RunsParams(runs), inputs: [text] };
  }

  /** Text is modelled with LF at its line ends: so a message is the same in mailboxes of either kind. */
  #withLineEnds(data: Uint8Array): PlanNode {
    const bared = bareLineEnds(data);
    if (!bared) return this.#textLeaf(data);
    const params = crlfParams(bared.pairs, bared.bare);
    return { kind: "transform", transform: "crlf", params, inputs: [this.#textLeaf(bared.text)] };
  }

  #textLeaf(data: Uint8Array): PlanNode {
    return {
      kind: "model",
      model: TEXT_MODELS[this.level],
      data,
      texts: textStarts(data),
      codec: "email",
      primable: this.level !== "fast",
    };
  }

  async #joined(texts: readonly (ByteRange | Decoded)[]): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (const piece of texts) {
      pieces.push("data" in piece ? piece.data : await this.source.read(piece.offset, piece.length));
    }
    return new Uint8Array(Buffer.concat(pieces));
  }
}

/** Whether bytes are text in some encoding of ASCII's family: hardly any control characters, and no bytes in letters. */
function isText(data: Uint8Array): boolean {
  if (/(?:[A-Za-z0-9+/]{57,998}\r?\n){10}/.test(latin1(data))) return false;
  let controls = 0;
  for (const byte of data) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) controls++;
  }
  return controls * 500 <= data.length;
}

const HEADER_BYTES = 2 << 10;

/** The file name in the headers just before a body (RFC 2183 `filename`, RFC 2046 `name`), a hint to its kind. */
async function attachmentName(source: Source, start: number): Promise<string | undefined> {
  const from = Math.max(0, start - HEADER_BYTES);
  const headers = latin1(await source.read(from, start - from)).replace(/^[\s\S]*\n--/, "");
  return /name\*?\d*\*?=\s*"?([^"\r\n;]+)/i.exec(headers)?.[1];
}

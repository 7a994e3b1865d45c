import { general, type PlanNode, type Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { hasMagic, viewOf } from "../sniff";
import { bgzfSegments } from "./bgzf";
import { Engines } from "./engines";
import { samNode } from "./sam";

/** Plans BAM or SAM in BGZF: its blocks by what they hold, of which the header is general and the records are modelled. */
export function alignmentSegments(source: Source): AsyncGenerator<Segment> {
  const cutter = new RecordCutter();
  return bgzfSegments(source, new Engines(), (content) => cutter.plan(content));
}

/** The fewest bytes of a record behind its length (SAMv1, section 4.2). */
const MIN_RECORD_BYTES = 32;
const LENGTH_BYTES = 4;

/** Finds whole records in contents that follow each other, whose borders do not care for those of records. */
class RecordCutter {
  /** What the contents so far end with: nothing yet, within a record, or bytes that are none. */
  #state: "start" | "records" | "lost" = "start";
  /** Bytes of the next content that belong to a record that has begun. */
  #carried = 0;
  /** The start of a record's length. */
  #fragment = new Uint8Array(0);

  plan(content: Uint8Array): PlanNode {
    const start = this.#start(content);
    const end = this.#end(content, start);
    if (end <= start) return samNode(content);
    const inputs = [
      general(content.slice(0, start)),
      { kind: "model", model: "bam", data: content.slice(start, end) } as const,
      general(content.slice(end)),
    ];
    return { kind: "transform", transform: "concat", inputs };
  }

  /** Where the first whole record begins. */
  #start(content: Uint8Array): number {
    if (this.#state === "lost") return content.length;
    if (this.#state === "start") {
      const end = headerEnd(content);
      this.#state = end === undefined ? "lost" : "records";
      return end ?? content.length;
    }
    let start = this.#carried;
    if (this.#fragment.length > 0) {
      const head = new Uint8Array(Buffer.concat([this.#fragment, content.subarray(0, LENGTH_BYTES)]));
      if (head.length < LENGTH_BYTES) {
        this.#fragment = head;
        return content.length;
      }
      start = viewOf(head).getUint32(0, true) + LENGTH_BYTES - this.#fragment.length;
      this.#fragment = new Uint8Array(0);
    }
    this.#carried = Math.max(0, start - content.length);
    return Math.min(start, content.length);
  }

  /** Where the last whole record ends. */
  #end(content: Uint8Array, start: number): number {
    const view = viewOf(content);
    let at = start;
    while (this.#state === "records" && at < content.length) {
      if (at + LENGTH_BYTES > content.length) {
        this.#fragment = content.slice(at);
        break;
      }
      const length = view.getUint32(at, true);
      if (length < MIN_RECORD_BYTES) {
        this.#state = "lost";
        break;
      }
      const end = at + LENGTH_BYTES + length;
      if (end > content.length) {
        this.#carried = end - content.length;
        break;
      }
      at = end;
    }
    return at;
  }
}

/** Where the header ends (SAMv1, section 4.2): magic, text, names and lengths of the references. */
function headerEnd(content: Uint8Array): number | undefined {
  if (!hasMagic(content, "BAM\x01") || content.length < 12) return undefined;
  const view = viewOf(content);
  let at = 8 + view.getUint32(4, true);
  if (at + 4 > content.length) return undefined;
  const references = view.getUint32(at, true);
  at += 4;
  for (let left = references; left > 0; left--) {
    if (at + 4 > content.length) return undefined;
    at += 8 + view.getUint32(at, true);
  }
  return at <= content.length ? at : undefined;
}

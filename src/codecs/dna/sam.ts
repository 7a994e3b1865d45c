import { general, type PlanNode } from "../../graph/plan";
import { type SamRun, samParams, writeNames, writeSamRuns } from "../../graph/transforms/sam";
import { printRecord } from "../../graph/transforms/sam/print";
import { Sink } from "../../graph/transforms/sam/sink";
import { latin1 } from "../sniff";
import { parseRecord } from "./sam-record";

const NEWLINE = 10;

/** Below this share of the bytes in lines that records stand for, text is not worth taking apart. */
const MIN_SHARE = 0.5;

/** How many names of references a text may have. */
const MAX_NAMES = 1 << 20;

/**
 * Plans SAM text: its alignments as records of BAM, which are modelled as those are; headers and lines that no record
 * gives back exactly as text. Other text is left to the general model.
 */
export function samNode(content: Uint8Array): PlanNode {
  const lines = new LineSorter();
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(NEWLINE, from) + 1 || content.length;
    lines.add(content.subarray(from, end));
    from = end;
  }
  return lines.share(content.length) < MIN_SHARE ? general(content) : lines.finish(content.length);
}

class LineSorter {
  readonly #records: Uint8Array[] = [];
  readonly #text: Uint8Array[] = [];
  readonly #runs: SamRun[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #names: Uint8Array[] = [];
  #lineBytes = 0;

  add(line: Uint8Array): void {
    const record = this.#recordOf(line);
    let run = this.#runs.at(-1);
    if (!run || (record && run.bytes > 0)) {
      run = { records: 0, bytes: 0 };
      this.#runs.push(run);
    }
    if (record) {
      this.#records.push(record);
      run.records++;
      this.#lineBytes += line.length;
    } else {
      this.#text.push(line);
      run.bytes += line.length;
    }
  }

  share(length: number): number {
    return this.#lineBytes / Math.max(length, 1);
  }

  finish(length: number): PlanNode {
    const inputs: PlanNode[] = [
      { kind: "model", model: "bam", data: new Uint8Array(Buffer.concat(this.#records)) },
      general(new Uint8Array(Buffer.concat(this.#text))),
      general(writeSamRuns(this.#runs)),
      general(writeNames([...this.#numbers.keys()])),
    ];
    return { kind: "transform", transform: "sam", params: samParams(length), inputs };
  }

  /** The record that prints as exactly this line. */
  #recordOf(line: Uint8Array): Uint8Array | undefined {
    if (line.at(-1) !== NEWLINE) return undefined;
    const record = parseRecord(latin1(line.subarray(0, -1)), (name) => this.#numberOf(name));
    if (!record) return undefined;
    const sink = new Sink(new Uint8Array(line.length));
    printRecord(sink, record, 0, this.#names);
    return sink.length === line.length && Buffer.compare(sink.bytes, line) === 0 ? record : undefined;
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.length;
    // A name that its record refers to by a number that does not exist makes that record differ from its line.
    if (number >= MAX_NAMES) return -1;
    this.#numbers.set(name, number);
    this.#names.push(new Uint8Array(Buffer.from(name, "latin1")));
    return number;
  }
}

import { ByteReader, ByteWriter } from "../../bytes";
import type { Transform } from "../transform";
import { printRecord } from "./print";
import { Sink } from "./sink";

/** Records of BAM that stand as lines of SAM, and the bytes of other text that follow them. */
export interface SamRun {
  records: number;
  bytes: number;
}

/** Parameters of the transform `sam`. */
export function samParams(length: number): Uint8Array {
  return new ByteWriter().varint(length).finish();
}

/** The input that says what follows what. */
export function writeSamRuns(runs: readonly SamRun[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  for (const { records, bytes } of runs) writer.varint(records).varint(bytes);
  return writer.finish();
}

/** The input with the names of references, by their number. */
export function writeNames(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(names.map((name) => `${name}\n`).join(""), "latin1"));
}

/** SAM text from records of BAM: alignments are modelled alike in both. */
export const sam: Transform = {
  id: 51,
  version: 1,
  name: "sam",
  outputLength(lengths, params) {
    if (lengths.length !== 4) throw new Error("sam takes four inputs");
    const reader = new ByteReader(params, "sam parameters");
    const length = reader.varint();
    reader.end();
    return length;
  },
  apply([records, text, runs, names], _params, outputLength) {
    const sink = new Sink(new Uint8Array(outputLength));
    const references = readNames(names!);
    const reader = new ByteReader(runs!, "sam runs");
    let [from, at] = [0, 0];
    while (reader.remaining > 0) {
      for (let left = reader.varint(); left > 0; left--) {
        if (sink.length > outputLength) throw new Error("the lines are longer than stated");
        at = printRecord(sink, records!, at, references);
      }
      const bytes = reader.varint(text!.length - from);
      sink.raw(text!.subarray(from, from + bytes));
      from += bytes;
    }
    const isUsedUp = from === text!.length && at === records!.length;
    if (!isUsedUp || sink.length !== outputLength) throw new Error("the lines are not those stated");
    return sink.bytes;
  },
};

function readNames(bytes: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    names.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return names;
}

import { ByteReader, ByteWriter } from "../bytes";
import { type Base64Layout, encodeBase64, encodedLength, readLayout, writeLayout } from "./base64";
import type { Transform } from "./transform";

/** A stretch of the input that stands as base64 text in the output. */
export interface EncodedRun {
  /** Bytes of the input copied before it. */
  readonly gap: number;
  /** Bytes of the input that are encoded. */
  readonly length: number;
  readonly layout: Base64Layout;
}

/** Parameters of the transform `base64-runs`. */
export function base64RunsParams(runs: readonly EncodedRun[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { gap, length, layout } of runs) writeLayout(writer.varint(gap).varint(length), layout);
  return writer.finish();
}

function* readParams(params: Uint8Array, length: number): Generator<EncodedRun> {
  const reader = new ByteReader(params, "base64-runs parameters");
  let left = length;
  while (reader.remaining > 0) {
    const gap = reader.varint(left);
    const run = { gap, length: reader.varint(left - gap), layout: readLayout(reader) };
    left -= gap + run.length;
    yield run;
  }
}

/** Text in which some stretches were base64: bodies and attachments that are text themselves, modelled in their place. */
export const base64Runs: Transform = {
  id: 28,
  version: 1,
  name: "base64-runs",
  outputLength([length], params) {
    if (length === undefined) throw new Error("base64-runs has one input");
    let total = length;
    for (const run of readParams(params, length)) total += encodedLength(run.length, run.layout) - run.length;
    return total;
  },
  apply([input], params, outputLength) {
    const output = new Uint8Array(outputLength);
    let [from, to] = [0, 0];
    const copy = (length: number) => {
      output.set(input!.subarray(from, from + length), to);
      from += length;
      to += length;
    };
    for (const { gap, length, layout } of readParams(params, input!.length)) {
      copy(gap);
      const size = encodedLength(length, layout);
      output.set(encodeBase64(input!.subarray(from, from + length), layout, size), to);
      from += length;
      to += size;
    }
    copy(input!.length - from);
    return output;
  },
};

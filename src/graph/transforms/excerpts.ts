import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Bytes of one of the inputs. */
export interface ExcerptRun {
  readonly input: number;
  readonly start: number;
  readonly length: number;
}

/** Parameters of the transform `excerpts`. */
export function excerptsParams(runs: readonly ExcerptRun[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { input, start, length } of runs) writer.varint(input).varint(start).varint(length);
  return writer.finish();
}

/** @throws Error for a run of no bytes, of an input that is not there or behind an input's end */
function* readParams(params: Uint8Array, lengths: readonly number[]): Generator<ExcerptRun> {
  const reader = new ByteReader(params, "excerpts parameters");
  while (reader.remaining > 0) {
    const run = { input: reader.varint(), start: reader.varint(), length: reader.varint() };
    const available = lengths[run.input];
    if (available === undefined || run.length === 0 || run.start + run.length > available) {
      throw new Error("a run takes at least a byte, within one of the inputs");
    }
    yield run;
  }
}

/** Pieces of the inputs one after another: texts of which some stand in parts that other archives brought. */
export const excerpts: Transform = {
  id: 29,
  version: 1,
  name: "excerpts",
  outputLength(lengths, params) {
    let total = 0;
    for (const { length } of readParams(params, lengths)) total += length;
    return total;
  },
  apply(inputs, params, outputLength) {
    const output = new Uint8Array(outputLength);
    const lengths = inputs.map((input) => input.length);
    let at = 0;
    for (const { input, start, length } of readParams(params, lengths)) {
      output.set(inputs[input]!.subarray(start, start + length), at);
      at += length;
    }
    return output;
  },
};

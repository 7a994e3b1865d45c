import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** The next `length` bytes of the input of this index. */
export interface Run {
  readonly input: number;
  readonly length: number;
}

/** Runs that follow each other, all of them `repeat` times. */
export interface RunGroup {
  readonly repeat: number;
  readonly runs: readonly Run[];
}

/** Parameters of the transform `weave`. */
export function weaveParams(groups: readonly RunGroup[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { repeat, runs } of groups) {
    writer.varint(repeat).varint(runs.length);
    for (const { input, length } of runs) writer.varint(input).varint(length);
  }
  return writer.finish();
}

/** @throws Error for a run of no bytes or of an input that is not there: every run then moves the work on */
function* readParams(params: Uint8Array, inputs: number): Generator<RunGroup> {
  const reader = new ByteReader(params, "weave parameters");
  while (reader.remaining > 0) {
    const repeat = reader.varint();
    const runs: Run[] = [];
    for (let left = reader.varint(reader.remaining); left > 0; left--) {
      const run = { input: reader.varint(), length: reader.varint() };
      if (run.input >= inputs || run.length === 0)
        throw new Error("a run takes at least a byte of one of the inputs");
      runs.push(run);
    }
    if (repeat === 0 || runs.length === 0) throw new Error("a group has at least one run");
    yield { repeat, runs };
  }
}

/** Streams laid into each other run by run: what several columns, or headers and samples, were taken out of. */
export const weave: Transform = {
  id: 17,
  version: 1,
  name: "weave",
  outputLength(lengths, params) {
    const used = lengths.map(() => 0);
    for (const { repeat, runs } of readParams(params, lengths.length)) {
      for (const { input, length } of runs) used[input]! += repeat * length;
    }
    if (used.some((length, i) => length !== lengths[i])) throw new Error("the runs do not use up the inputs");
    return lengths.reduce((sum, length) => sum + length, 0);
  },
  apply(inputs, params, outputLength) {
    const output = new Uint8Array(outputLength);
    const taken = inputs.map(() => 0);
    let at = 0;
    for (const { repeat, runs } of readParams(params, inputs.length)) {
      for (let i = 0; i < repeat; i++) {
        for (const { input, length } of runs) {
          const from = taken[input]!;
          output.set(inputs[input]!.subarray(from, from + length), at);
          taken[input] = from + length;
          at += length;
        }
      }
    }
    return output;
  },
};

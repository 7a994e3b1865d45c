import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Shorter runs are left to the models. */
const MIN_REPEATS = 32;

/** Parameters of the transform `runs`. @param length bytes of the output */
export function runsParams(length: number): Uint8Array {
  return new ByteWriter().varint(length).finish();
}

/** What is left of some bytes without their long runs, and where those were. */
export interface Shortened {
  readonly rest: Uint8Array;
  /** The transform's second input. */
  readonly recipe: Uint8Array;
}

/** Takes all but the first byte out of every long run of equal bytes. */
export function withoutRuns(bytes: Uint8Array): Shortened {
  const rest: Uint8Array[] = [];
  const recipe = new ByteWriter();
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    let end = at + 1;
    while (end < bytes.length && bytes[end] === byte) end++;
    if (end - at > MIN_REPEATS) {
      rest.push(bytes.subarray(start, at + 1));
      recipe.varint(at + 1 - start).varint(end - at - 1);
      start = end;
    }
    at = end;
  }
  rest.push(bytes.subarray(start));
  return { rest: new Uint8Array(Buffer.concat(rest)), recipe: recipe.finish() };
}

/** Bytes with their long runs put back: pages that are blank but for a little. */
export const runs: Transform = {
  id: 31,
  version: 1,
  name: "runs",
  outputLength(lengths, params) {
    if (lengths.length !== 2) throw new Error("runs needs the rest and the recipe");
    const reader = new ByteReader(params, "runs parameters");
    const length = reader.varint();
    reader.end();
    return length;
  },
  apply([rest, recipe], _params, outputLength) {
    const output = new Uint8Array(outputLength);
    const bytes = new ByteReader(rest!, "the rest");
    const reader = new ByteReader(recipe!, "the recipe");
    let at = 0;
    const copy = (length: number) => {
      if (length > outputLength - at) throw new Error("there is more than the parameters say");
      output.set(bytes.take(length), at);
      at += length;
    };
    while (reader.remaining > 0) {
      copy(reader.varint());
      const end = at + reader.varint(outputLength - at);
      if (at === 0) throw new Error("a run repeats a byte that is not there");
      output.fill(output[at - 1]!, at, end);
      at = end;
    }
    copy(bytes.remaining);
    if (at !== outputLength) throw new Error("there is less than the parameters say");
    return output;
  },
};

import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

const CR = 13;
const LF = 10;

/**
 * Parameters of the transform `crlf`.
 * @param pairs how many line feeds of the input get a carriage return
 * @param bare which line feeds, counted from 0, do not; rising
 */
export function crlfParams(pairs: number, bare: readonly number[]): Uint8Array {
  const writer = new ByteWriter().varint(pairs);
  let next = 0;
  for (const index of bare) {
    writer.varint(index - next);
    next = index + 1;
  }
  return writer.finish();
}

function readParams(params: Uint8Array, length: number): { pairs: number; bare: number[] } {
  const reader = new ByteReader(params, "crlf parameters");
  const pairs = reader.varint(length);
  const bare: number[] = [];
  let next = 0;
  while (reader.remaining > 0) {
    const index = next + reader.varint(length);
    bare.push(index);
    next = index + 1;
  }
  return { pairs, bare };
}

/** Text with LF at its line ends, written with CR LF: mail as it travels (RFC 5322), modelled as others keep it. */
export const crlf: Transform = {
  id: 60,
  version: 1,
  name: "crlf",
  outputLength([length], params) {
    if (length === undefined) throw new Error("crlf has one input");
    return length + readParams(params, length).pairs;
  },
  apply([input], params, outputLength) {
    const { pairs, bare } = readParams(params, input!.length);
    const output = new Uint8Array(outputLength);
    let [from, to, line, nextBare, written] = [0, 0, 0, 0, 0];
    for (let at = input!.indexOf(LF); at >= 0; at = input!.indexOf(LF, at + 1), line++) {
      output.set(input!.subarray(from, at), to);
      to += at - from;
      from = at;
      if (bare[nextBare] === line) {
        nextBare++;
      } else {
        if (++written > pairs) break;
        output[to++] = CR;
      }
    }
    if (written !== pairs || nextBare !== bare.length) throw new Error("the line ends are not those stated");
    output.set(input!.subarray(from), to);
    return output;
  },
};

import type { Transform } from "./transform";

/** The inputs one after another. No parameters. */
export const concat: Transform = {
  id: 0,
  version: 1,
  name: "concat",
  outputLength: (lengths) => lengths.reduce((sum, length) => sum + length, 0),
  apply(inputs, _params, outputLength) {
    const output = new Uint8Array(outputLength);
    let at = 0;
    for (const input of inputs) {
      output.set(input, at);
      at += input.length;
    }
    return output;
  },
};

import type { Transform } from "./transform";

const NARROW_BYTES = 2;
const WIDE_BYTES = 4;

/** Integers of 32 bits from their lower halves, when that is all they have: int16 to int32, little-endian. */
export const widened: Transform = {
  id: 45,
  version: 1,
  name: "widened",
  outputLength([length = 0, ...more], params) {
    if (more.length > 0 || params.length > 0 || length % NARROW_BYTES !== 0) {
      throw new Error("widened has one input of whole numbers and no parameters");
    }
    return (length / NARROW_BYTES) * WIDE_BYTES;
  },
  apply([input], _params, outputLength) {
    const output = new Uint8Array(outputLength);
    for (let from = 0, to = 0; to < outputLength; from += NARROW_BYTES, to += WIDE_BYTES) {
      const high = input![from + 1]!;
      output[to] = input![from]!;
      output[to + 1] = high;
      output[to + 2] = output[to + 3] = high > 0x7f ? 0xff : 0;
    }
    return output;
  },
};

import { ByteReader, ByteWriter } from "../bytes";
import { type NumberFormat, numberFormat, powerOfTwo } from "./number-format";
import type { Transform } from "./transform";

/** How `scaled` writes its numbers: rows of a table or traces of a survey, each window of a row with a step of its own. */
export interface ScaledOptions {
  readonly format: NumberFormat;
  readonly bigEndian: boolean;
  /** Numbers in a row. */
  readonly row: number;
  /** Numbers that share a step; the last window of a row may have fewer. */
  readonly window: number;
}

/** A window's unit: `factor` times 2^`exponent`. */
export interface Step {
  /** 1 to 2^32 - 1. */
  readonly factor: number;
  /** -1022 to 1023. */
  readonly exponent: number;
}

/** Bytes of a window's step: the factor as uint32, the exponent as int16, little-endian. */
export const STEP_BYTES = 6;

/** Parameters of the transform `scaled`. */
export function scaledParams({ format, bigEndian, row, window }: ScaledOptions): Uint8Array {
  return new ByteWriter()
    .byte(format.code)
    .byte(bigEndian ? 1 : 0)
    .varint(row)
    .varint(window)
    .finish();
}

function readParams(params: Uint8Array): ScaledOptions {
  const reader = new ByteReader(params, "scaled parameters");
  const format = numberFormat(reader.byte());
  const bigEndian = reader.byte();
  const row = reader.varint();
  const window = reader.varint();
  reader.end();
  if (!format || bigEndian > 1 || row === 0) throw new Error("scaled has a known format, a byte order and a row");
  if (window === 0 || window > row) throw new Error("scaled has windows within its rows");
  return { format, bigEndian: bigEndian === 1, row, window };
}

/** A step as a double; its product with an integer is the number meant, rounded once. */
export function stepSize({ factor, exponent }: Step): number {
  return factor * powerOfTwo(exponent);
}

/**
 * Integers (int32, little-endian) times the step of their window, written in a number format.
 * Inputs: the steps, the integers.
 */
export const scaled: Transform = {
  id: 18,
  version: 1,
  name: "scaled",
  outputLength([steps = 0, integers = 0, ...more], params) {
    const { format, row, window } = readParams(params);
    const rows = steps / STEP_BYTES / Math.ceil(row / window);
    if (more.length > 0 || !Number.isInteger(rows) || integers !== rows * row * 4) {
      throw new Error("scaled has a step for each window and an integer for each number");
    }
    return rows * row * format.width;
  },
  apply([steps, integers], params, outputLength) {
    const { format, bigEndian, row, window } = readParams(params);
    const output = new Uint8Array(outputLength);
    const to = new DataView(output.buffer);
    const from = new DataView(integers!.buffer, integers!.byteOffset, integers!.byteLength);
    const stepView = new DataView(steps!.buffer, steps!.byteOffset, steps!.byteLength);
    for (let i = 0, rowEnd = row, at = 0; at < steps!.length; at += STEP_BYTES) {
      const size = stepSize({ factor: stepView.getUint32(at, true), exponent: stepView.getInt16(at + 4, true) });
      for (const end = Math.min(i + window, rowEnd); i < end; i++) {
        format.write(to, i * format.width, from.getInt32(4 * i, true) * size, !bigEndian);
      }
      if (i === rowEnd) rowEnd += row;
    }
    return output;
  },
};

import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** How floating-point numbers follow from integers. */
export interface DecimalLayout {
  /** Of a floating-point number, IEEE 754: 4 or 8. */
  readonly bytes: number;
  readonly bigEndian: boolean;
  /** What the integers are divided by. */
  readonly denominator: number;
  /** Bytes of an integer in the input, 2 or 4, and what is added to each. */
  readonly storedBytes: number;
  readonly base: number;
  /** Bytes of the numbers that the integers 0, 1, ... stand for instead. */
  readonly exceptions: readonly Uint8Array[];
}

/** A denominator at most: beyond it, what looks like a fraction is chance. */
const MAX_DENOMINATOR = 2 ** 32;
export const MAX_EXCEPTIONS = 16;
const MAX_BASE = 2 ** 50;

/** Parameters of the transform `decimal`. */
export function decimalParams(layout: DecimalLayout): Uint8Array {
  const { bytes, bigEndian, denominator, storedBytes, base, exceptions } = layout;
  const writer = new ByteWriter()
    .varint(bytes)
    .byte(bigEndian ? 1 : 0)
    .varint(denominator);
  writer.varint(storedBytes).varint(base < 0 ? -2 * base - 1 : 2 * base);
  for (const exception of exceptions) writer.raw(exception);
  return writer.finish();
}

function readParams(params: Uint8Array): DecimalLayout {
  const reader = new ByteReader(params, "decimal parameters");
  const bytes = reader.varint(8);
  const flags = reader.byte();
  const denominator = reader.varint(MAX_DENOMINATOR);
  const storedBytes = reader.varint(4);
  const folded = reader.varint(2 * MAX_BASE);
  const known = (bytes === 4 || bytes === 8) && (storedBytes === 2 || storedBytes === 4);
  if (!known || flags > 1 || denominator === 0) throw new Error("decimal has numbers of 4 or 8 bytes");
  const exceptions: Uint8Array[] = [];
  while (reader.remaining > 0) exceptions.push(reader.take(bytes));
  if (exceptions.length > MAX_EXCEPTIONS) throw new Error(`decimal has ${MAX_EXCEPTIONS} exceptions at most`);
  const base = folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
  return { bytes, bigEndian: flags === 1, denominator, storedBytes, base, exceptions };
}

/** Floating-point numbers that were integers or decimals once. */
export const decimal: Transform = {
  id: 38,
  version: 1,
  name: "decimal",
  outputLength(lengths, params) {
    const { bytes, storedBytes } = readParams(params);
    const [length] = lengths;
    if (lengths.length !== 1 || length! % storedBytes !== 0) throw new Error("decimal has one input of integers");
    return (length! / storedBytes) * bytes;
  },
  apply([input], params, outputLength) {
    const { bytes, bigEndian, denominator, storedBytes, base, exceptions } = readParams(params);
    const output = new Uint8Array(outputLength);
    const from = new DataView(input!.buffer, input!.byteOffset, input!.byteLength);
    const to = new DataView(output.buffer);
    for (let at = 0, place = 0; at < input!.length; at += storedBytes, place += bytes) {
      const stored = storedBytes === 2 ? from.getUint16(at, true) : from.getUint32(at, true);
      const number = (stored + base) / denominator;
      if (stored < exceptions.length) output.set(exceptions[stored]!, place);
      else if (bytes === 4) to.setFloat32(place, number, !bigEndian);
      else to.setFloat64(place, number, !bigEndian);
    }
    return output;
  },
};

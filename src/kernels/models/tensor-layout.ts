/** What the model `tensor` has to know of the elements that it codes. */
export interface TensorLayout {
  /** Bytes of an element: 1, 2, 4 or 8. */
  readonly width: number;
  /** Bits of the exponent; 0 for integers. */
  readonly exponent: number;
  readonly signed: boolean;
  readonly bigEndian: boolean;
  /** Elements of each tensor, in their order. */
  readonly counts: readonly number[];
}

const BIG_ENDIAN = 1;
const SIGNED = 2;

/** Parameters of the model `tensor`: three bytes, then a LEB128 varint for each tensor. */
export function tensorParams({ width, exponent, signed, bigEndian, counts }: TensorLayout): Uint8Array {
  const bytes = [width, exponent, (bigEndian ? BIG_ENDIAN : 0) | (signed ? SIGNED : 0)];
  for (let rest of counts) {
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Samples of an image of 8 or 16 bits, least significant byte first, as numbers. */
export function numbersOf(bytes: Uint8Array, precision: number): Uint16Array {
  if (precision <= 8) return Uint16Array.from(bytes);
  const numbers = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i++) numbers[i] = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return numbers;
}

/** The inverse of {@link numbersOf}. */
export function bytesOfNumbers(numbers: Uint16Array, precision: number): Uint8Array {
  if (precision <= 8) return Uint8Array.from(numbers);
  const bytes = new Uint8Array(numbers.length * 2);
  for (let i = 0; i < numbers.length; i++) {
    bytes[2 * i] = numbers[i]!;
    bytes[2 * i + 1] = numbers[i]! >> 8;
  }
  return bytes;
}

/** Bytes of the samples that a header promises. */
export function sampleBytes(header: {
  width: number;
  height: number;
  precision: number;
  components: readonly unknown[];
}) {
  return header.width * header.height * header.components.length * (header.precision <= 8 ? 1 : 2);
}

/** Words of 32 bits: `height` rows of `width`. */
export interface FloatsLayout {
  /** IBM System/360 instead of IEEE 754. */
  readonly ibm: boolean;
  readonly bigEndian: boolean;
  readonly width: number;
  readonly height: number;
}

const IBM = 1;
const BIG_ENDIAN = 2;
const MAX_WORDS = 2 ** 24;

/** Whether the model `floats` takes so many words. */
export function isFloatsSound({ width, height }: FloatsLayout): boolean {
  return width > 0 && height > 0 && width * height < MAX_WORDS;
}

/** Parameters of the model `floats`: a byte of flags and two numbers of three bytes, the lowest first. */
export function floatsParams({ ibm, bigEndian, width, height }: FloatsLayout): Uint8Array {
  const side = (value: number) => [value & 0xff, (value >> 8) & 0xff, value >> 16];
  return Uint8Array.of((ibm ? IBM : 0) | (bigEndian ? BIG_ENDIAN : 0), ...side(width), ...side(height));
}

import type { Transform } from "./transform";

/** How `planes` takes elements apart. */
export interface PlaneOptions {
  /** Bytes of an element, 1 to 16. */
  readonly width: number;
  readonly bigEndian?: boolean;
  /** Turns each element left by one bit, so that the exponent of an IEEE number is not shared between bytes. */
  readonly rotate?: boolean;
}

const ROTATE = 1;
const BIG_ENDIAN = 2;

/** Parameters of the transform `planes`. */
export function planesParams({ width, bigEndian, rotate }: PlaneOptions): Uint8Array {
  return Uint8Array.of(width, (rotate ? ROTATE : 0) | (bigEndian ? BIG_ENDIAN : 0));
}

function readParams(params: Uint8Array): Required<PlaneOptions> {
  const [width = 0, flags = 0xff] = params;
  if (params.length !== 2 || width < 1 || width > 16 || flags > (ROTATE | BIG_ENDIAN)) {
    throw new Error("planes has a width from 1 to 16 and flags up to 3");
  }
  return { width, bigEndian: (flags & BIG_ENDIAN) !== 0, rotate: (flags & ROTATE) !== 0 };
}

/** The inverse of the transform: the bytes of one significance after the other, least significant first. */
export function splitPlanes(bytes: Uint8Array, { width, bigEndian, rotate }: PlaneOptions): Uint8Array[] {
  const count = bytes.length / width;
  return Array.from({ length: width }, (_, plane) => {
    const output = new Uint8Array(count);
    const place = placeOf(plane, width, bigEndian);
    if (rotate) {
      const below = placeOf((plane + width - 1) % width, width, bigEndian);
      for (let i = 0, at = 0; i < count; i++, at += width) {
        output[i] = (bytes[at + place]! << 1) | (bytes[at + below]! >>> 7);
      }
    } else {
      for (let i = 0, at = place; i < count; i++, at += width) output[i] = bytes[at]!;
    }
    return output;
  });
}

function placeOf(plane: number, width: number, bigEndian = false): number {
  return bigEndian ? width - 1 - plane : plane;
}

/** Elements put together from their bytes: one input per byte of the element, least significant first. */
export const planes: Transform = {
  id: 16,
  version: 1,
  name: "planes",
  outputLength(lengths, params) {
    const { width } = readParams(params);
    const count = lengths[0] ?? 0;
    if (lengths.length !== width || lengths.some((length) => length !== count)) {
      throw new Error(`planes of ${width} bytes has ${width} inputs of one length`);
    }
    return width * count;
  },
  apply(inputs, params, outputLength) {
    const { width, bigEndian, rotate } = readParams(params);
    const output = new Uint8Array(outputLength);
    for (const [plane, input] of inputs.entries()) {
      const above = inputs[(plane + 1) % width]!;
      let at = placeOf(plane, width, bigEndian);
      for (let i = 0; i < input.length; i++, at += width) {
        output[at] = rotate ? (input[i]! >>> 1) | (above[i]! << 7) : input[i]!;
      }
    }
    return output;
  },
};

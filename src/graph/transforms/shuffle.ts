import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** Elements whose bytes are laid apart group by group. */
export interface ShuffleLayout {
  /** Bytes of an element, 1 to 16. */
  readonly width: number;
  /** Elements of a group; the last one may have fewer. */
  readonly count: number;
}

const MAX_WIDTH = 16;

/** Parameters of the transform `shuffle`. */
export function shuffleParams({ width, count }: ShuffleLayout): Uint8Array {
  return new ByteWriter().varint(width).varint(count).finish();
}

/** The elements from what the transform makes of them. @param bytes whole elements */
export function unshuffle(bytes: Uint8Array, layout: ShuffleLayout): Uint8Array {
  return moved(bytes, layout, (output, element, laid) => {
    output[element] = bytes[laid]!;
  });
}

/** In each group the first bytes of all elements, then their second bytes and so on. */
export const shuffle: Transform = {
  id: 39,
  version: 1,
  name: "shuffle",
  outputLength(lengths, params) {
    const { width } = readParams(params);
    if (lengths.length !== 1 || lengths[0]! % width !== 0)
      throw new Error("shuffle has one input of whole elements");
    return lengths[0]!;
  },
  apply([input], params) {
    return moved(input!, readParams(params), (output, element, laid) => {
      output[laid] = input![element]!;
    });
  },
};

function readParams(params: Uint8Array): ShuffleLayout {
  const reader = new ByteReader(params, "shuffle parameters");
  const layout = { width: reader.varint(MAX_WIDTH), count: reader.varint() };
  reader.end();
  if (layout.width === 0 || layout.count === 0) throw new Error("shuffle has elements");
  return layout;
}

/** Goes through all bytes with their places in an element and in a group that is laid apart. */
function moved(
  { length }: Uint8Array,
  { width, count }: ShuffleLayout,
  move: (output: Uint8Array, element: number, laid: number) => void,
): Uint8Array {
  const output = new Uint8Array(length);
  for (let start = 0; start < length; start += width * count) {
    const elements = Math.min(count, (length - start) / width);
    for (let byte = 0; byte < width; byte++) {
      for (let i = 0; i < elements; i++) move(output, start + i * width + byte, start + byte * elements + i);
    }
  }
  return output;
}

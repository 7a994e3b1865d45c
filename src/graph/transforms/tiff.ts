import { ByteReader, ByteWriter } from "../bytes";
import { compressChunk } from "./tiff/chunk";
import {
  type ChunkedImage,
  chunkBytes,
  imageBytes,
  nearestSamples,
  readImage,
  rowShape,
  takeChunk,
  writeImage,
} from "./tiff/image";
import { applyPredictor } from "./tiff/predictors";
import type { Transform } from "./transform";

/** A chunk in the order of the file. */
export interface ChunkEntry {
  /** Bytes of the skeleton before it. */
  readonly gap: number;
  readonly image: number;
  /** Its number in the image: row after row of chunks, plane after plane. */
  readonly chunk: number;
  /** What the compressed form needs to know besides the samples. */
  readonly notes: Uint8Array;
}

/** Inputs in front of the images' samples. */
const FIXED_INPUTS = 3;

/** Parameters of the transform `tiff`. @param bytes the length of the output */
export function tiffParams(bytes: number, images: readonly ChunkedImage[]): Uint8Array {
  const writer = new ByteWriter().varint(bytes);
  for (const image of images) writeImage(writer, image);
  return writer.finish();
}

/** The transform's second and third input. */
export function writeChunks(entries: readonly ChunkEntry[]): { recipe: Uint8Array; notes: Uint8Array } {
  const recipe = new ByteWriter();
  const notes = new ByteWriter();
  let expected = { image: 0, chunk: 0 };
  for (const { gap, image, chunk, notes: own } of entries) {
    const steps = image === expected.image ? chunk - expected.chunk : chunk;
    recipe
      .varint(gap)
      .varint(image)
      .varint(steps < 0 ? -2 * steps - 1 : 2 * steps)
      .varint(own.length);
    notes.raw(own);
    expected = { image, chunk: chunk + 1 };
  }
  return { recipe: recipe.finish(), notes: notes.finish() };
}

/** Strips and tiles of TIFF images, made from samples and laid into the bytes that stood between them. */
export const tiff: Transform = {
  id: 35,
  version: 1,
  name: "tiff",
  outputLength(lengths, params) {
    const { bytes, images } = readParams(params);
    const fits = images.every((image, i) => imageBytes(image) === lengths[FIXED_INPUTS + i]);
    if (lengths.length !== FIXED_INPUTS + images.length || !fits)
      throw new Error("the samples do not fit their images");
    return bytes;
  },
  apply([skeleton, recipe, notes, ...coded], params, outputLength) {
    const { images } = readParams(params);
    const samples = samplesOf(images, coded);
    const output = new Uint8Array(outputLength);
    const gaps = new ByteReader(skeleton!, "the skeleton");
    const told = new ByteReader(notes!, "the notes");
    // Each sample is told once.
    let left = samples.reduce((sum, { length }) => sum + length, 0);
    let at = 0;
    const push = (bytes: Uint8Array) => {
      if (bytes.length > outputLength - at) throw new Error("the chunks are longer than the parameters say");
      output.set(bytes, at);
      at += bytes.length;
    };
    for (const entry of readChunks(new ByteReader(recipe!, "the recipe"), told)) {
      const image = images[entry.image];
      if (!image) throw new Error(`there is no image ${entry.image}`);
      push(gaps.take(entry.gap));
      left -= chunkBytes(image, entry.chunk);
      if (left < 0) throw new Error("more chunks than there are samples");
      const chunk = takeChunk(image, samples[entry.image]!, entry.chunk);
      applyPredictor(chunk, image.predictor, rowShape(image));
      push(compressChunk(image.compression, chunk, entry.notes, outputLength - at));
    }
    push(gaps.take(gaps.remaining));
    told.end();
    return output.subarray(0, at);
  },
};

function readParams(params: Uint8Array): { bytes: number; images: ChunkedImage[] } {
  const reader = new ByteReader(params, "tiff parameters");
  const bytes = reader.varint();
  const images: ChunkedImage[] = [];
  while (reader.remaining > 0) images.push(readImage(reader));
  return { bytes, images };
}

function* readChunks(recipe: ByteReader, notes: ByteReader): Generator<ChunkEntry> {
  let expected = { image: 0, chunk: 0 };
  while (recipe.remaining > 0) {
    const [gap, image, folded] = [recipe.varint(), recipe.varint(), recipe.varint()];
    const steps = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
    const chunk = (image === expected.image ? expected.chunk : 0) + steps;
    if (chunk < 0) throw recipe.damaged("a chunk before the first");
    yield { gap, image, chunk, notes: notes.take(recipe.varint()) };
    expected = { image, chunk: chunk + 1 };
  }
}

/** The samples of all images; those of an overview are coded as differences. */
function samplesOf(images: readonly ChunkedImage[], coded: readonly Uint8Array[]): Uint8Array[] {
  const samples: Uint8Array[] = [];
  for (const [i, image] of images.entries()) {
    const { overview } = image;
    const full = overview && images[overview.of];
    if (!overview) samples.push(coded[i]!);
    else if (!full || overview.of >= i) throw new Error("an overview of no image before it");
    else samples.push(added(coded[i]!, nearestSamples(image, overview, full, samples[overview.of]!)));
  }
  return samples;
}

function added(differences: Uint8Array, expected: Uint8Array): Uint8Array {
  for (let i = 0; i < expected.length; i++) expected[i] = expected[i]! + differences[i]!;
  return expected;
}

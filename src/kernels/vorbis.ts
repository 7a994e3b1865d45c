import type { DecodedAudio } from "./mp3";

/**
 * Decodes an Ogg Vorbis file as it is read (libvorbis in WebAssembly).
 * @throws RangeError where the decoder meets anything that is not sound
 */
export async function* decodeVorbis(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<DecodedAudio> {
  // Taken apart at once, the bundler would drop classes that the package's own code needs.
  const library = { ...(await import("@wasm-audio-decoders/ogg-vorbis")) };
  const decoder = new library.OggVorbisDecoder();
  await decoder.ready;
  try {
    for await (const chunk of chunks) yield checked(await decoder.decode(chunk));
    yield checked(await decoder.flush());
  } finally {
    decoder.free();
  }
}

function checked(decoded: {
  channelData: Float32Array[];
  samplesDecoded: number;
  sampleRate: number;
  errors: { message: string }[];
}): DecodedAudio {
  const [error] = decoded.errors;
  if (error) throw new RangeError(error.message);
  return { planes: decoded.channelData, rate: decoded.sampleRate };
}

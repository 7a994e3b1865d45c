/** Some samples of a decoded stream, full scale ±1, one array per channel; perhaps none. */
export interface DecodedAudio {
  readonly planes: readonly Float32Array[];
  /** In Hz. */
  readonly rate: number;
}

/**
 * Decodes MPEG audio as it is read (mpg123 in WebAssembly).
 * @throws RangeError where the decoder meets anything that is not sound
 */
export async function* decodeMpegAudio(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<DecodedAudio> {
  // Taken apart at once, the bundler would drop classes that the package's own code needs.
  const library = { ...(await import("mpg123-decoder")) };
  const decoder = new library.MPEGDecoder();
  await decoder.ready;
  try {
    for await (const chunk of chunks) {
      const { channelData, sampleRate, errors } = decoder.decode(chunk);
      const [error] = errors;
      if (error) throw new RangeError(error.message);
      yield { planes: channelData, rate: sampleRate };
    }
  } finally {
    decoder.free();
  }
}

/** Encodes MP3 at a constant bitrate (LAME in WebAssembly). */
export interface Mp3Encoder {
  /** Whole frames that became complete; valid until the next call. */
  encode(planes: readonly Float32Array[]): Uint8Array;
  finish(): Uint8Array;
}

/** @param bitrate in kbit/s, of all channels together */
export async function openMp3Encoder(rate: number, channels: 1 | 2, bitrate: number): Promise<Mp3Encoder> {
  const { createMp3Encoder } = await import("wasm-media-encoders");
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: rate, channels, bitrate: bitrate as 64 });
  return { encode: (planes) => encoder.encode(planes), finish: () => encoder.finalize() };
}

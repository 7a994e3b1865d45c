import decoderWasm from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm" with { type: "file" };
import encoderWasm from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm" with { type: "file" };
import decode, { init as initDecoder } from "@jsquash/jpeg/decode.js";
import encode, { init as initEncoder } from "@jsquash/jpeg/encode.js";
import type { Picture } from "./similarity";

/** Colour space and chroma resolution of an encoded picture. */
export type Sampling = "grayscale" | "4:4:4" | "4:2:0";

async function load(path: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await Bun.file(path).arrayBuffer());
}

/** Loads mozjpeg once per process. */
export async function initMozjpeg(): Promise<void> {
  await initDecoder(await load(decoderWasm));
  await initEncoder(await load(encoderWasm));
}

/** Decodes to RGBA as stored, whatever the EXIF orientation. Throws on what libjpeg cannot decode (CMYK, 12 bit). */
export async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  return decode(bytes.slice().buffer);
}

/** Encodes as baseline JPEG: sequential, 8 bit, trellis quantisation, Huffman tables made for the picture. */
export async function encodeJpeg(picture: Picture, quality: number, sampling: Sampling): Promise<Uint8Array> {
  const bytes = await encode(picture as ImageData, {
    quality,
    baseline: true,
    progressive: false,
    color_space: sampling === "grayscale" ? 1 : 3,
    auto_subsample: false,
    chroma_subsample: sampling === "4:2:0" ? 2 : 1,
  });
  return new Uint8Array(bytes);
}

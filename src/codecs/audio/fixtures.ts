/** Small files for the tests of this folder. */
import { frameBytes, fromUnit, type PcmFormat, toIntegers } from "../../graph/transforms/audio/pcm";
import { frameFlac } from "../../graph/transforms/flac-frames";
import { digestBytes } from "./flac-stream";

export const PCM16 = { channels: 2, bytes: 2, bits: 16, float: false } as const;

/** Something between speech and music: a gliding chord that swells, with a breath of noise; every channel differs. */
export function sound(seconds: number, rate: number, channels: number): Float32Array[] {
  const count = Math.round(seconds * rate);
  let state = 1;
  const noise = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x40000000 - 1;
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: count }, (_, i) => {
      const t = i / rate;
      const swell = 0.55 + 0.45 * Math.sin(2 * Math.PI * 2.3 * t + channel);
      const pitch = 2 * Math.PI * (220 * t + 40 * t * t);
      const chord = Math.sin(pitch) + 0.5 * Math.sin(2 * pitch + channel) + 0.25 * Math.sin(3 * pitch);
      return 0.3 * swell * chord + 0.01 * noise();
    }),
  );
}

export function chunk(name: string, body: Uint8Array, length = body.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 0, "latin1");
  header.writeUInt32LE(length, 4);
  return Buffer.concat([header, body, new Uint8Array(body.length & 1)]);
}

/** A plain `fmt ` chunk's body. */
export function formatBody(format: PcmFormat, rate: number, tag = format.float ? 3 : 1): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(format.channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE(rate * frameBytes(format), 8);
  body.writeUInt16LE(frameBytes(format), 12);
  body.writeUInt16LE(format.bits, 14);
  return body;
}

export function riff(...chunks: Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from("WAVE", "latin1"), ...chunks]);
  return chunk("RIFF", body);
}

/** A WAVE file with a chunk before and an odd one after its samples. */
export function waveFile(planes: readonly Float32Array[], format: PcmFormat, rate: number): Buffer {
  const note = Buffer.from("a note", "latin1");
  return riff(
    chunk("fmt ", formatBody(format, rate)),
    chunk("note", note),
    chunk("data", fromUnit(planes, format)),
    chunk("bext", note.subarray(1)),
  );
}

/** A FLAC file with a seek table, a comment block and something behind its frames. */
export function flacFile(planes: readonly Float32Array[], format: PcmFormat, rate: number): Buffer {
  const pcm = fromUnit(planes, format);
  const count = planes[0]!.length;
  const info = Buffer.alloc(34);
  info.writeUInt16BE(4096, 0);
  info.writeUInt16BE(4096, 2);
  info.writeUInt32BE(rate * 4096 + (format.channels - 1) * 512 + (format.bits - 1) * 16, 10);
  info.writeUInt32BE(count, 14);
  const md5 = new Bun.CryptoHasher("md5").update(digestBytes(toIntegers(pcm, format), format)).digest();
  info.set(md5, 18);
  const seekTable = Buffer.alloc(36, 0xff);
  seekTable.fill(0, 0, 18);
  seekTable.writeBigUInt64BE(0n, 0);
  const block = (type: number, body: Uint8Array) =>
    Buffer.concat([Uint8Array.of(type, body.length >> 16, body.length >> 8, body.length), body]);
  return Buffer.concat([
    Buffer.from("fLaC", "latin1"),
    block(0, info),
    block(3, seekTable),
    block(0x80 | 4, Buffer.from("tags")),
    frameFlac(pcm, { format, rate, firstFrame: 0 }),
    Buffer.from("TAG behind"),
  ]);
}

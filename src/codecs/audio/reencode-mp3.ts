import type { Source } from "../../graph/source";
import { decodeMpegAudio, type Mp3Encoder, openMp3Encoder } from "../../kernels/mp3";
import type { FileWriter } from "../file-writer";
import { hasMagic } from "../sniff";
import { chunksOf, copyBytes } from "./copy";
import { id3Length } from "./id3";
import { type MpegFrame, readMpegFrame } from "./mpeg";
import { type Reencoded, requireBelow } from "./outcome";

const ID3V1_BYTES = 128;

/** From here on a recording is taken for music at full bandwidth (Hz). */
const FULL_BAND_RATE = 32000;

/**
 * MP3 to MP3 of a low bitrate; tags at both ends stay.
 * @param limit the largest size of the new file that is worth it
 * @throws RangeError why the file stays as it is
 */
export async function reencodeMp3(source: Source, file: FileWriter, limit: number): Promise<Reencoded> {
  const start = id3Length(await source.read(0, 10));
  const first = readMpegFrame(await source.read(start, 4), 0);
  if (first?.layer !== 3) throw new RangeError("no MP3 frame follows its tag");
  const { rate, channels } = first;
  const tail = await source.read(source.size - ID3V1_BYTES, ID3V1_BYTES);
  const end = hasMagic(tail, "TAG") ? source.size - ID3V1_BYTES : source.size;
  await checkFrames(source, start, end, first);
  await copyBytes(source, 0, start, file);
  let encoder: Mp3Encoder | undefined;
  let samples = 0;
  for await (const { planes, rate: found } of decodeMpegAudio(chunksOf(source, start, end))) {
    if (planes.length === 0 || planes[0]!.length === 0) continue;
    // The decoder always gives two channels, equal ones for mono.
    if (planes.length < channels || found !== rate) throw new RangeError("its parameters change midway");
    encoder ??= await openMp3Encoder(rate, channels, targetBitrate(rate, channels));
    file.write(encoder.encode(planes.slice(0, channels)));
    requireBelow(limit, file.size);
    samples += planes[0]!.length;
  }
  if (!encoder) throw new RangeError("it has no samples");
  file.write(encoder.finish());
  await copyBytes(source, end, source.size, file);
  requireBelow(limit, file.size);
  return { seconds: samples / rate };
}

/** The decoder passes over damage without a word, so every frame is looked at before. @throws RangeError */
async function checkFrames(source: Source, start: number, end: number, first: MpegFrame): Promise<void> {
  for (let at = start; at < end; ) {
    const frame = readMpegFrame(await source.read(at, 4), 0);
    const same = frame?.layer === 3 && frame.rate === first.rate && frame.channels === first.channels;
    if (!frame || !same || at + frame.length > end)
      throw new RangeError("it is no unbroken run of equal MP3 frames");
    at += frame.length;
  }
}

/** In kbit/s. */
function targetBitrate(rate: number, channels: number): number {
  if (rate >= FULL_BAND_RATE) return channels === 1 ? 40 : 64;
  return channels === 1 ? 24 : 40;
}

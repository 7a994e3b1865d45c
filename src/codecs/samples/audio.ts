import { joinBytes, noise } from "../testing";
import { big, little, type Sample, sample } from "./making";

export function audio(): Sample[] {
  // MPEG-1 layer III, 128 kbit/s, 44.1 kHz: frames of 417 bytes.
  const frames = Array.from({ length: 12 }, (_, i) => joinBytes(big([4, 0xfffb9000]), noise(413, i + 1)));
  const page = little("OggS\0\x02", [8, 0], [4, 7], [4, 0], [4, 0], [1, 1], [1, 30], "\x01vorbis", noise(23));
  // STREAMINFO of 44.1 kHz, stereo, 16 bits; what follows is damaged.
  const streamInfo = big([2, 4096], [2, 4096], new Uint8Array(6), [4, 0x0ac442f0], [4, 4096], new Uint8Array(16));
  return [
    sample("audio", "wav", "recording.wav", wave()),
    sample("audio", "flac", "master.flac", big("fLaC", [4, 0x80000022], streamInfo, noise(600))),
    sample("audio", "mp3", "podcast.mp3", joinBytes(...frames)),
    sample("audio", "ogg", "podcast.ogg", joinBytes(page, noise(600))),
  ];
}

/** A second of a 16-bit triangle wave at 8 kHz, with a chunk behind the data. */
function wave(): Uint8Array {
  const samples = Int16Array.from({ length: 8000 }, (_, i) => Math.abs((i % 80) - 40) * 400 - 8000);
  const data = new Uint8Array(samples.buffer);
  const format = little("fmt ", [4, 16], [2, 1], [2, 1], [4, 8000], [4, 16000], [2, 2], [2, 16]);
  const chunks = little("WAVE", format, "data", [4, data.length], data, "LIST", [4, 4], "INFO");
  return little("RIFF", [4, chunks.length], chunks);
}

import { isFlacFrame } from "../../graph/transforms/audio/flac-reader";
import { type Format, no, type Probe, type Sniff, yes } from "../codec";
import { hasMagic } from "../sniff";
import { id3Length } from "./id3";
import { startsWithMpegFrames } from "./mpeg";
import { isWave } from "./riff";

const wav: Format = {
  name: "wav",
  title: "WAVE audio",
  extensions: ["wav", "wave", "rf64", "w64", "bwf"],
  mediaType: "audio/wav",
  sniff: ({ head }) =>
    isWave(head) ? yes(1) : no("there is no RIFF, RF64 or Wave64 header with WAVE at offset 8"),
};

const flac: Format = {
  name: "flac",
  title: "FLAC audio",
  extensions: ["flac", "fla"],
  mediaType: "audio/flac",
  sniff(probe) {
    if (hasMagic(afterTag(probe), "fLaC")) return yes(1);
    if (isFlacFrame(probe.head, 0)) return yes(0.9);
    return no("there is neither fLaC at the start or after an ID3 tag, nor a FLAC frame");
  },
};

const mp3: Format = {
  name: "mp3",
  title: "MP3 audio",
  extensions: ["mp3", "mp2", "mpga"],
  mediaType: "audio/mpeg",
  sniff: sniffMp3,
};

const ogg: Format = {
  name: "ogg",
  title: "Ogg audio",
  extensions: ["ogg", "oga", "opus", "spx"],
  mediaType: "audio/ogg",
  sniff: ({ head }) => (hasMagic(head, "OggS\0") ? yes(1) : no("there is no OggS page at the start")),
};

export const formats = [wav, flac, mp3, ogg] as const;

function sniffMp3(probe: Probe): Sniff {
  const stream = afterTag(probe);
  if (hasMagic(stream, "fLaC")) return no("what follows the ID3 tag is FLAC");
  if (startsWithMpegFrames(stream)) return yes(0.95);
  // A tag with a large picture fills the probe; nothing but MP3 files usually has one in front.
  if (hasMagic(probe.head, "ID3") && (stream.length === 0 || !hasMagic(stream, "RIFF"))) return yes(0.8);
  return no("there is neither an ID3 tag nor a run of MPEG audio frames at the start");
}

/** The head without ID3v2 tags in front. */
function afterTag({ head }: Probe): Uint8Array {
  let rest = head;
  for (let tags = 0; tags < 4; tags++) {
    const length = id3Length(rest);
    if (length === 0) break;
    rest = rest.subarray(length);
  }
  return rest;
}

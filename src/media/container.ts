import { Refusal } from "../errors";

/** Bytes that tell a container: three MPEG transport packets of 204. */
export const CONTAINER_PROBE_BYTES = 1024;

interface Container {
  readonly name: string;
  matches(head: Buffer): boolean;
}

function magic(name: string, text: string, at = 0): Container {
  const bytes = Buffer.from(text, "latin1");
  return { name, matches: (head) => head.subarray(at, at + bytes.length).equals(bytes) };
}

const TRANSPORT_SYNC = 0x47;

/** The sync byte recurs every packet; 192 is 188 with a time code in front, 204 with an error code behind. */
function isTransportStream(head: Buffer): boolean {
  return [
    [188, 0],
    [192, 4],
    [204, 0],
  ].some(([size, start]) => [0, 1, 2].every((packet) => head[start! + packet * size!] === TRANSPORT_SYNC));
}

const BOXES = ["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot"];

const CONTAINERS: readonly Container[] = [
  { name: "MP4 or QuickTime", matches: (head) => BOXES.includes(head.toString("latin1", 4, 8)) },
  magic("Matroska or WebM", "\x1a\x45\xdf\xa3"),
  { name: "AVI", matches: (head) => /^RIFF....AVI/s.test(head.toString("latin1", 0, 12)) },
  magic("Flash video", "FLV\x01"),
  magic("Windows Media", "\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
  magic("Ogg", "OggS"),
  magic("MPEG program stream", "\x00\x00\x01\xba"),
  magic("MPEG video", "\x00\x00\x01\xb3"),
  magic("MPEG-4 video", "\x00\x00\x01\xb0"),
  magic("H.264 or H.265 video", "\x00\x00\x00\x01"),
  magic("H.264 or H.265 video", "\x00\x00\x01\x67"),
  magic("MXF", "\x06\x0e\x2b\x34"),
  magic("RealMedia", ".RMF"),
  magic("IVF", "DKIF"),
  magic("YUV4MPEG", "YUV4MPEG2 "),
  magic("GIF", "GIF8"),
  magic("DV", "\x1f\x07\x00"),
  { name: "MPEG transport stream", matches: isTransportStream },
];

/**
 * Names the container of a video file. Only containers that hold their own streams are let through to a demuxer:
 * playlists, session descriptions and the like would make it open other files and addresses.
 * @throws Refusal `not_video`
 */
export function containerOf(head: Uint8Array): string {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const found = CONTAINERS.find((container) => container.matches(bytes));
  if (found) return found.name;
  throw new Refusal(
    "not_video",
    "The file is no video: it does not start as MP4, MOV, Matroska, WebM, AVI, MPEG, FLV, WMV, Ogg, MXF or GIF.",
  );
}

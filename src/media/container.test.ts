import { expect, test } from "bun:test";
import { containerOf } from "./container";

function transportStream(size: number, start: number): Buffer {
  const bytes = Buffer.alloc(3 * size + start);
  for (let packet = 0; packet < 3; packet++) bytes[start + packet * size] = 0x47;
  return bytes;
}

test.each([
  ["MP4 or QuickTime", Buffer.from("\0\0\0\x20ftypisom", "latin1")],
  ["MP4 or QuickTime", Buffer.from("\0\0\0\x08wide\0\0\0\0mdat", "latin1")],
  ["Matroska or WebM", Buffer.from("1a45dfa3a3", "hex")],
  ["AVI", Buffer.from("RIFF\n\xff\0\0AVI LIST", "latin1")],
  ["MPEG transport stream", transportStream(188, 0)],
  ["MPEG transport stream", transportStream(192, 4)],
  ["GIF", Buffer.from("GIF89a")],
  ["Ogg", Buffer.from("OggS\0")],
])("knows %s", (name, head) => {
  expect(containerOf(head)).toBe(name);
});

test.each([
  ["a playlist, which names other files", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"],
  ["a list of files", "ffconcat version 1.0\nfile /etc/passwd\n"],
  ["a session description", "v=0\no=- 0 0 IN IP4 10.0.0.1\nc=IN IP4 10.0.0.1\n"],
  ["a manifest", '<?xml version="1.0"?><MPD>'],
  ["a sound file", "RIFF\0\0\0\0WAVEfmt "],
  ["nothing", ""],
])("refuses %s", (_what, head) => {
  expect(() => containerOf(Buffer.from(head))).toThrow(expect.objectContaining({ kind: "not_video" }));
});

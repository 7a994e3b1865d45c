import { expect, test } from "bun:test";
import type { Probe } from "../codec";
import { flacFile, PCM16, sound, waveFile } from "./fixtures";
import { formats } from "./formats";

function recognised(bytes: Uint8Array): string[] {
  const probe: Probe = { head: bytes, tail: bytes, size: bytes.length, name: "x" };
  return formats.filter((format) => format.sniff(probe).confidence > 0).map((format) => format.name);
}

const tag = Buffer.from("ID3\x04\x00\x00\x00\x00\x00\x03abc", "latin1");
/** MPEG-1 Layer III, 128 kbit/s, 44100 Hz: frames of 417 bytes. */
const mp3 = Buffer.alloc(417 * 4);
for (let at = 0; at < mp3.length; at += 417) mp3.set([0xff, 0xfb, 0x90, 0x64], at);

test("content tells the formats apart", () => {
  const wave = waveFile(sound(0.1, 8000, 2), PCM16, 8000);
  const flac = flacFile(sound(0.1, 8000, 2), PCM16, 8000);
  expect(recognised(wave)).toEqual(["wav"]);
  expect(recognised(flac)).toEqual(["flac"]);
  expect(recognised(Buffer.concat([tag, flac]))).toEqual(["flac"]);
  expect(recognised(flac.subarray(flac.indexOf(Buffer.from([0xff, 0xf8]), 42)))).toEqual(["flac"]);
  expect(recognised(mp3)).toEqual(["mp3"]);
  expect(recognised(Buffer.concat([tag, mp3]))).toEqual(["mp3"]);
  expect(recognised(Buffer.concat([Buffer.alloc(100), mp3]))).toEqual(["mp3"]);
  expect(recognised(Buffer.from("OggS\0\x02"))).toEqual(["ogg"]);
});

test("other files are none, and the reason says what was looked for", () => {
  for (const text of ["", "hello", "RIFF\x04\0\0\0AVI ", "\xff\xfb\x90\x64 and no second frame", "\0\0\0\0"]) {
    expect(recognised(Buffer.from(text, "latin1"))).toEqual([]);
  }
  const probe = { head: new Uint8Array(4), tail: new Uint8Array(4), size: 4, name: "x" };
  for (const format of formats) expect(format.sniff(probe).why).not.toBe("");
});

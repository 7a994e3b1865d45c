import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOggEncoder } from "wasm-media-encoders";
import { MemorySource } from "../../graph/source";
import { decodeMpegAudio, openMp3Encoder } from "../../kernels/mp3";
import { decodeOpus } from "../../kernels/opus";
import { audio } from ".";
import { sound } from "./fixtures";
import { readMpegFrame } from "./mpeg";
import { crc32, OggWriter, readOggPackets, readOggPage } from "./ogg";

const directory = mkdtempSync(join(tmpdir(), "reencode-"));
afterAll(() => rmSync(directory, { recursive: true }));
const scratch = { path: () => join(directory, crypto.randomUUID()) };

const RATE = 44100;

async function prepare(file: Uint8Array, format: string, quality = "low") {
  const request = { format, params: { quality }, level: "fast", name: "x" } as const;
  const prepared = await audio.prepare!(new MemorySource(file), request, scratch);
  return { prepared, content: prepared.path ? readFileSync(prepared.path) : Buffer.from(file) };
}

async function vorbisFile(seconds: number, channels: 1 | 2 = 2): Promise<Buffer> {
  const encoder = await createOggEncoder();
  encoder.configure({ sampleRate: RATE, channels, vbrQuality: 6, oggSerialNo: 77 });
  const pages = [Buffer.from(encoder.encode(sound(seconds, RATE, channels)))];
  return Buffer.concat([...pages, Buffer.from(encoder.finalize())]);
}

async function mp3File(seconds: number, channels: 1 | 2 = 2, bitrate = 160): Promise<Buffer> {
  const encoder = await openMp3Encoder(RATE, channels, bitrate);
  const frames = [Buffer.from(encoder.encode(sound(seconds, RATE, channels)))];
  return Buffer.concat([...frames, Buffer.from(encoder.finish())]);
}

const ID3 = Buffer.from("ID3\x04\x00\x00\x00\x00\x00\x05hello", "latin1");
const ID3V1 = Buffer.from("TAG".padEnd(128, "x"), "latin1");

test("Ogg Vorbis becomes Ogg Opus of the same length, sample by sample in place", async () => {
  const { prepared, content } = await prepare(await vorbisFile(4), "ogg");
  expect(prepared).toMatchObject({ lossless: false, report: { reason: expect.stringContaining("Opus") } });
  const [head, tags] = readOggPackets(content, 2)!;
  expect(head!.subarray(0, 10).toString()).toBe("OpusHead\x01\x02");
  expect(tags!.subarray(0, 8).toString()).toBe("OpusTags");
  const preSkip = head![10]! + 256 * head![11]!;
  let last = readOggPage(content, 0)!;
  let pages = 0;
  for (let at = 0; at < content.length; at = last.end, pages++) {
    last = readOggPage(content, at)!;
    const page = Buffer.from(content.subarray(at, last.end));
    const sum = page.readUInt32LE(22);
    page.writeUInt32LE(0, 22);
    expect(crc32(page)).toBe(sum);
    expect(page.readUInt32LE(18)).toBe(pages);
  }
  expect(last.flags & 4).toBe(4);
  const length = Number(last.granule) - preSkip;
  expect(length).toBe(4 * 48000);
  const packets = readOggPackets(content, 2 + Math.ceil((length + preSkip) / 2880))!.slice(2);
  const decoded = decodeOpus(packets, { rate: 48000, channels: 2, frameSize: 2880 });
  const [expected] = sound(4, 48000, 2) as [Float32Array];
  const agreement = (lag: number) => {
    let sum = 0;
    for (let i = 48000; i < 96000; i++) sum += expected[i]! * decoded[2 * (i + preSkip + lag)]!;
    return sum;
  };
  for (const lag of [-20, -5, 5, 20]) expect(agreement(0)).toBeGreaterThan(agreement(lag));
});

test("MP3 becomes MP3 of a lower bitrate between its tags", async () => {
  for (const channels of [1, 2] as const) {
    const { prepared, content } = await prepare(Buffer.concat([ID3, await mp3File(4, channels), ID3V1]), "mp3");
    expect(prepared).toMatchObject({ lossless: false, report: { reason: expect.stringContaining("low bitrate") } });
    expect(content.subarray(0, ID3.length).equals(ID3)).toBe(true);
    expect(content.subarray(-128).equals(ID3V1)).toBe(true);
    const frame = readMpegFrame(content, ID3.length)!;
    expect(frame).toMatchObject({ layer: 3, channels, bitrate: channels === 1 ? 40 : 64 });
    let samples = 0;
    const whole = (async function* () {
      yield new Uint8Array(content.subarray(ID3.length, -128));
    })();
    for await (const { planes, rate } of decodeMpegAudio(whole)) samples += (planes[0]?.length ?? 0) / rate;
    expect(samples).toBeCloseTo(4, 0);
  }
});

test("other qualities leave them alone", async () => {
  for (const quality of ["lossless", "high", "medium"]) {
    for (const [file, format] of [
      [await vorbisFile(1), "ogg"],
      [await mp3File(1), "mp3"],
    ] as const) {
      const { prepared } = await prepare(file, format, quality);
      expect(prepared.path).toBeUndefined();
      expect(prepared.lossless).toBe(true);
    }
  }
});

test("what would gain little or does not decode stays exact", async () => {
  const vorbis = await vorbisFile(3);
  const mp3 = await mp3File(3);
  for (const [file, format] of [
    [await mp3File(3, 2, 40), "mp3"],
    [Buffer.concat([mp3.subarray(0, 4000), Buffer.alloc(6000, 0x55)]), "mp3"],
    [Buffer.from("ID3 and nothing else", "latin1"), "mp3"],
    [Buffer.from("OggS\0"), "ogg"],
    [vorbis.subarray(0, 3000), "ogg"],
    [Buffer.concat([vorbis.subarray(0, 4200), Buffer.alloc(5000, 0xaa)]), "ogg"],
    [(await prepare(vorbis, "ogg")).content, "ogg"],
  ] as const) {
    const { prepared } = await prepare(file, format);
    expect(prepared).toMatchObject({ lossless: true, report: { reason: expect.stringContaining("kept exactly") } });
    expect(prepared.path).toBeUndefined();
  }
});

test("packets of any length come back from Ogg pages", () => {
  const packets = [0, 1, 254, 255, 256, 510, 70_000, 3].map((length) => Buffer.alloc(length, length));
  const pages: Uint8Array[] = [];
  const writer = new OggWriter(5, (page) => pages.push(page));
  for (const [index, packet] of packets.entries()) writer.write(packet, BigInt(index));
  writer.flush(true);
  const stream = Buffer.concat(pages);
  expect(readOggPackets(stream, packets.length)).toEqual(packets);
  expect(readOggPackets(stream, packets.length + 1)).toBeNull();
  expect(readOggPackets(stream.subarray(0, -1), packets.length)).toBeNull();
});

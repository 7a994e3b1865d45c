import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mediaReadiness } from "./readiness";
import { avi } from "./testing/avi";
import { readMp4 } from "./testing/mp4";
import { jpegOf, photo } from "./testing/pictures";
import { compressVideo, type VideoSettings } from "./video";

const folder = mkdtempSync(join(tmpdir(), "smallest-video-"));
afterAll(() => rmSync(folder, { recursive: true }));
const input = join(folder, "input");
const output = join(folder, "output.mp4");
const settings: VideoSettings = { cacheDirectory: join(folder, "cache"), ffmpeg: "" };
const SLOW = 300_000;

const RATE = 12;
const frames = await Promise.all(
  Array.from({ length: 2 * RATE }, (_, index) => jpegOf(photo(160, 120, index * 2), 90)),
);
const film = avi(frames, { width: 160, height: 120, rate: RATE, sound: true });

async function compress(content: Uint8Array, options: Parameters<typeof compressVideo>[2] = {}) {
  await Bun.write(input, content);
  const { bytes } = await compressVideo(input, output, { settings, ...options });
  const result = Buffer.from(await Bun.file(output).bytes());
  expect(bytes).toBe(result.length);
  return result;
}

describe.skipIf((await mediaReadiness(settings)).video === null)("compressVideo", () => {
  test(
    "makes AV1 in MP4 that begins to play at once, sound kept",
    async () => {
      const steps: number[] = [];
      const result = await compress(film, { onProgress: (fraction) => steps.push(fraction) });
      const { boxes, codecs, seconds, sizes } = readMp4(result);
      expect(boxes.indexOf("moov")).toBeLessThan(boxes.indexOf("mdat"));
      expect(codecs.toSorted()).toEqual(["Opus", "av01"]);
      expect(sizes).toEqual([[160, 120]]);
      expect(seconds).toBeCloseTo(2, 1);
      expect(result.length).toBeLessThan(film.length);
      expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      expect(steps.at(-1)).toBe(1);

      // The chunk offsets were moved: only a decoder tells whether rightly. AV1 and Opus are read again here.
      const again = readMp4(await compress(result));
      expect(again).toMatchObject({ codecs, sizes });
      expect(again.seconds).toBeCloseTo(2, 1);
    },
    SLOW,
  );

  test(
    "odd and tiny pictures become even and large enough",
    async () => {
      const odd = await Promise.all([0, 1, 2].map((shift) => jpegOf(photo(101, 33, shift), 90)));
      const { sizes, codecs } = readMp4(await compress(avi(odd, { width: 101, height: 33, rate: 10 })));
      expect(sizes).toEqual([[100, 64]]);
      expect(codecs).toEqual(["av01"]);
    },
    SLOW,
  );

  test(
    "a film that breaks off keeps what is there",
    async () => {
      const { codecs, seconds } = readMp4(await compress(film.subarray(0, film.length * 0.6)));
      expect(codecs).toContain("av01");
      expect(seconds).toBeGreaterThan(0.5);
      expect(seconds).toBeLessThan(2);
    },
    SLOW,
  );

  test(
    "an abort ends it and leaves nothing",
    async () => {
      await Bun.write(input, film);
      rmSync(output, { force: true });
      const stop = new AbortController();
      const run = compressVideo(input, output, { settings, signal: stop.signal, onProgress: () => stop.abort() });
      await expect(run).rejects.toMatchObject({ kind: "aborted" });
      expect(readdirSync(folder).toSorted()).toEqual(["cache", "input"]);
    },
    SLOW,
  );

  test.each([
    ["an empty AVI", Buffer.concat([Buffer.from("RIFF\x04\0\0\0AVI "), Buffer.alloc(100)])],
    ["noise behind an MP4 header", Buffer.concat([Buffer.from("\0\0\0\x20ftypisom"), film.subarray(200, 3000)])],
    ["a playlist", Buffer.from("#EXTM3U\nfile:///etc/passwd\n")],
    ["a JPEG", frames[0]!],
  ])(
    "refuses %s",
    async (_what, content) => {
      await Bun.write(input, content);
      rmSync(output, { force: true });
      await expect(compressVideo(input, output, { settings })).rejects.toMatchObject({ kind: "not_video" });
      expect(readdirSync(folder)).not.toContain("output.mp4");
    },
    SLOW,
  );
});

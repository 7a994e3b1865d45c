import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compressVideo, type VideoSettings } from "../../src/media/video";

// Films of many kinds, made by an independent FFmpeg and judged by its prober.
const FFMPEG = Bun.which("ffmpeg");
const FFPROBE = Bun.which("ffprobe");
const SLOW = 300_000;

const folder = mkdtempSync(join(tmpdir(), "smallest-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));
const builtIn: VideoSettings = { cacheDirectory: join(folder, "cache"), ffmpeg: "" };

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=duration=1:size=320x180:rate=25"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"];

interface Probe {
  format: { duration: string; start_time: string };
  streams: {
    codec_name: string;
    codec_type: string;
    width: number;
    height: number;
    pix_fmt: string;
    sample_aspect_ratio?: string;
    color_transfer?: string;
    channels: number;
  }[];
}

function run(program: string, parameters: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([program, ...parameters]);
  if (exitCode !== 0) throw new Error(stderr.toString());
  return stdout.toString();
}

function make(name: string, ...parameters: string[]): string {
  const path = join(folder, name);
  run(FFMPEG!, ["-v", "error", "-y", "-nostdin", ...parameters, path]);
  return path;
}

async function compress(input: string, settings = builtIn): Promise<Probe> {
  const output = join(folder, "output.mp4");
  await compressVideo(input, output, { settings });
  run(FFMPEG!, ["-v", "error", "-xerror", "-i", output, "-f", "null", "-"]);
  return JSON.parse(run(FFPROBE!, ["-v", "error", "-show_format", "-show_streams", "-of", "json", output]));
}

function codecs({ streams }: Probe): string[] {
  return streams.map(({ codec_name }) => codec_name);
}

describe.skipIf(!FFMPEG || !FFPROBE)("films", () => {
  test.each([
    ["MP4 with AAC", "aac.mp4", ["-c:v", "mpeg4", "-c:a", "aac"], "aac"],
    ["Matroska with FLAC", "flac.mkv", ["-c:v", "mpeg4", "-c:a", "flac"], "opus"],
    ["WebM with VP8 and Vorbis", "vp8.webm", ["-c:v", "libvpx", "-c:a", "libvorbis"], "opus"],
    ["MPEG program stream", "mpeg2.mpg", ["-c:v", "mpeg2video", "-c:a", "mp2"], "opus"],
    ["Windows Media", "wmv2.wmv", ["-c:v", "wmv2", "-c:a", "wmav2"], "opus"],
    ["QuickTime with ProRes", "prores.mov", ["-c:v", "prores", "-c:a", "pcm_s24le"], "opus"],
  ])(
    "%s",
    async (_what, name, parameters, sound) => {
      const probe = await compress(make(name, ...PICTURE, ...SOUND, ...parameters));
      expect(codecs(probe).toSorted()).toEqual(["av1", sound].toSorted());
      expect(Number(probe.format.duration)).toBeCloseTo(1, 0);
    },
    SLOW,
  );

  test(
    "a broadcast that begins at ten o'clock begins at zero",
    async () => {
      const late = ["-c:v", "mpeg2video", "-c:a", "ac3", "-output_ts_offset", "36000"];
      const probe = await compress(make("late.ts", ...PICTURE, ...SOUND, ...late));
      expect(codecs(probe).toSorted()).toEqual(["ac3", "av1"]);
      expect(Number(probe.format.start_time)).toBeLessThan(0.1);
      expect(Number(probe.format.duration)).toBeLessThan(1.2);
    },
    SLOW,
  );

  test(
    "two sound tracks stay two",
    async () => {
      const maps = ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-c:v", "mpeg4", "-c:a", "aac"];
      const probe = await compress(make("two.mkv", ...PICTURE, ...SOUND, ...maps));
      expect(codecs(probe).toSorted()).toEqual(["aac", "aac", "av1"]);
    },
    SLOW,
  );

  test(
    "pixel shape, depth and transfer function stay",
    async () => {
      const hdr = [
        "-vf",
        "setsar=4/3",
        "-pix_fmt",
        "yuv420p10le",
        "-c:v",
        "libx265",
        "-x265-params",
        "log-level=none",
      ];
      const colors = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];
      const { streams } = await compress(make("hdr.mkv", ...PICTURE, ...hdr, ...colors));
      expect(streams[0]).toMatchObject({
        pix_fmt: "yuv420p10le",
        sample_aspect_ratio: "4:3",
        color_transfer: "smpte2084",
      });
    },
    SLOW,
  );

  test(
    "a sound file with a cover is no video",
    async () => {
      const cover = make("cover.jpg", ...PICTURE, "-frames:v", "1");
      const attached = ["-map", "0", "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic"];
      const song = make("song.m4a", ...SOUND, "-i", cover, ...attached);
      await expect(compress(song)).rejects.toMatchObject({ kind: "not_video" });
    },
    SLOW,
  );

  test(
    "an FFmpeg of the system does the work when it is chosen",
    async () => {
      const film = make("system.mkv", ...PICTURE, ...SOUND, "-c:v", "mpeg4", "-c:a", "flac");
      const settings = { cacheDirectory: "/nonexistent/cache", ffmpeg: FFMPEG! };
      const probe = await compress(film, settings);
      expect(codecs(probe)).toContain("av1");
      expect(probe.streams).toHaveLength(2);
    },
    SLOW,
  );
});

/**
 * The program of the video sidecar: turns a file into AV1 in MP4 with FFmpeg inside the Bare runtime, a process of
 * its own. Arguments: input, output, settings as JSON. Prints one JSON message a line; see `SidecarMessage`.
 */
import { constants, InputFormatContext, OutputFormatContext, Packet, type Stream } from "bare-ffmpeg";
import { type AudioTrack, audioTrack } from "./audio-track";
import { openForReading, openForWriting } from "./files";
import type { SidecarMessage, SidecarSettings } from "./protocol";
import { VideoTrack } from "./video-track";

const { VIDEO, AUDIO } = constants.mediaTypes;
/** Codecs of cover pictures in files of sound; as films they have more than one frame. */
const PICTURES = new Set(["mjpeg", "png", "bmp", "gif", "tiff", "webp"]);

function say(message: SidecarMessage): void {
  console.log(JSON.stringify(message));
}

/** Broadcasts begin at any hour. A start nearer to zero than this tells how sound and picture lie together. */
const LATE_START_SECONDS = 0.5;

class NotVideo extends Error {}

function openInput(path: string): { input: InputFormatContext; close(): void } {
  const file = openForReading(path);
  try {
    return { input: new InputFormatContext(file.io), close: file.close };
  } catch (error) {
    throw new NotVideo(String(error));
  }
}

function transcode(inputPath: string, outputPath: string, settings: SidecarSettings): void {
  const { input, close } = openInput(inputPath);
  const best = input.getBestStreamIndex(VIDEO);
  const source = input.streams[best];
  if (!source) throw new NotVideo("no video stream");
  const video = new VideoTrack(source, settings);
  const audio = input.streams
    .filter(({ codecParameters }) => codecParameters.type === AUDIO)
    .map((stream) => audioTrack(stream, settings.copyAudio));

  const file = openForWriting(outputPath);
  const output = new OutputFormatContext("mp4", file.io);
  for (const track of [video, ...audio]) track.attach(output);
  output.writeHeader();
  pump(input, output, video, audio);
  if (video.frames === 0) throw new NotVideo("no frame could be decoded");
  if (video.frames === 1 && audio.length > 0 && PICTURES.has(source.codec.name)) {
    throw new NotVideo("a sound file with a cover picture");
  }
  output.writeTrailer();
  output.destroy();
  file.close();
  input.destroy();
  close();
  say({ kind: "done", frames: video.frames });
}

function pump(
  input: InputFormatContext,
  output: OutputFormatContext,
  video: VideoTrack,
  audio: readonly AudioTrack[],
): void {
  const tracks = new Map([video, ...audio].map((track) => [track.source.index, track]));
  const seconds = durationSeconds(input, video.source);
  const packet = new Packet();
  let reported = 0;
  let started = false;
  while (read(input, packet)) {
    const track = tracks.get(packet.streamIndex);
    if (track && !started) {
      started = true;
      const start = packet.pts * track.source.timeBase.toNumber();
      if (start > LATE_START_SECONDS) for (const { clock } of tracks.values()) clock.start = start;
    }
    track?.push(packet, output);
    packet.unref();
    const fraction = seconds > 0 ? Math.min(0.99, video.seconds / seconds) : 0;
    if (fraction >= reported + 0.01) say({ kind: "progress", fraction: (reported = fraction) });
  }
  for (const track of tracks.values()) track.push(null, output);
}

/** The next packet; a file that breaks off in the middle ends there. */
function read(input: InputFormatContext, packet: Packet): boolean {
  try {
    return input.readFrame(packet);
  } catch {
    return false;
  }
}

function durationSeconds(input: InputFormatContext, source: Stream): number {
  return input.duration > 0 ? input.duration / 1e6 : source.duration * source.timeBase.toNumber();
}

const [inputPath, outputPath, settings] = Bare.argv.slice(2);
try {
  transcode(inputPath!, outputPath!, JSON.parse(settings!));
} catch (error) {
  say({ kind: error instanceof NotVideo ? "not_video" : "failed", why: String(error) });
  Bare.exit(1);
}

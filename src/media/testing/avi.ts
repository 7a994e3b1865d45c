/** A Motion JPEG AVI file, the simplest film there is, with PCM sound if asked for. */
export function avi(
  frames: readonly Uint8Array[],
  options: { width: number; height: number; rate: number; sound?: boolean },
): Buffer<ArrayBuffer> {
  const { width, height, rate, sound } = options;
  const soundRate = 8000;
  const videoHeader = list("strl", [
    chunk("strh", [text("vids"), text("MJPG"), u32(0, 0, 0, 1, rate, 0, frames.length, 1 << 20, 0, 0), u32(0, 0)]),
    chunk("strf", [u32(40, width, height), u16(1, 24), text("MJPG"), u32(width * height * 3, 0, 0, 0, 0)]),
  ]);
  const soundHeader = list("strl", [
    chunk("strh", [text("auds"), u32(0, 0, 0, 0, 2, soundRate * 2, 0, soundRate * 2, 4096, 0, 2), u32(0, 0)]),
    chunk("strf", [u16(1, 1), u32(soundRate, soundRate * 2), u16(2, 16)]),
  ]);
  const header = list("hdrl", [
    chunk("avih", [u32(1e6 / rate, 0, 0, 0, frames.length, 0, sound ? 2 : 1, 1 << 20, width, height, 0, 0, 0, 0)]),
    videoHeader,
    ...(sound ? [soundHeader] : []),
  ]);
  const samples = Math.floor(soundRate / rate);
  const movie = frames.flatMap((frame, index) => [
    chunk("00dc", [frame]),
    ...(sound ? [chunk("01wb", [tone(index * samples, samples, soundRate)])] : []),
  ]);
  return riff("RIFF", "AVI ", [header, list("movi", movie)]);
}

function tone(start: number, samples: number, rate: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++) {
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * (start + i)) / rate)), i * 2);
  }
  return bytes;
}

function chunk(id: string, parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const body = Buffer.concat(parts);
  return Buffer.concat([text(id), u32(body.length), body, Buffer.alloc(body.length % 2)]);
}

function riff(id: string, type: string, parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  return chunk(id, [text(type), ...parts]);
}

function list(type: string, parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  return riff("LIST", type, parts);
}

function text(value: string): Buffer<ArrayBuffer> {
  return Buffer.from(value, "latin1");
}

function u32(...values: number[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, index * 4);
  });
  return bytes;
}

function u16(...values: number[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16LE(value, index * 2);
  });
  return bytes;
}

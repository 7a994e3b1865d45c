import { expect, test } from "bun:test";
import fc from "fast-check";
import { OpusEncoder } from "../../kernels/opus";
import { flacFrames, flacFramesParams } from "./flac-frames";
import { flacPcm, flacPcmParams } from "./flac-pcm";
import { type OpusRendering, opusPcm, opusPcmParams, packetLengths } from "./opus-pcm";

const FORMAT = { channels: 1, bytes: 2, bits: 16, float: false };

const rendering: OpusRendering = {
  format: FORMAT,
  rate: 44100,
  opusRate: 48000,
  frameSize: 960,
  lookahead: 312,
  first: 0,
  count: 5000,
  firstPacket: 0,
  packets: 7,
  streams: [1],
  channelMap: [0],
};

function packets(): Uint8Array[] {
  const encoder = new OpusEncoder({ rate: 48000, channels: 1, frameSize: 960, bitrate: 64000, voice: false });
  const made = Array.from({ length: 7 }, (_, k) =>
    encoder.encode(
      Float32Array.from({ length: 960 }, (_, i) => Math.abs((((k * 960 + i) * 3) % 256) - 128) / 256 - 0.25),
    ),
  );
  encoder.close();
  return made;
}

const inputs = [packetLengths(packets()), Buffer.concat(packets())];

function render(changes: Partial<OpusRendering> = {}): Uint8Array {
  const params = opusPcmParams({ ...rendering, ...changes });
  const length = opusPcm.outputLength(
    inputs.map((input) => input.length),
    params,
  );
  const output = opusPcm.apply(inputs, params, length);
  expect(output.length).toBe(length);
  return output;
}

test("the rendering is pinned, since archives depend on it", () => {
  const digest = new Bun.CryptoHasher("sha256").update(render()).digest("hex");
  expect(digest).toBe("1b822d325d816e7c9632bfe365c3988c0416d2bb0afb10cd9a1bf9b5baa8fe76");
});

test("a part of a rendering is the part of the whole", () => {
  expect(render({ first: 1000, count: 2000 })).toEqual(render().subarray(2000, 6000));
});

test("a coded channel can serve several channels, in every format", () => {
  const whole = render();
  const stereo = render({ format: { ...FORMAT, channels: 2 }, channelMap: [0, 0] });
  const twice = new Int16Array(stereo.slice().buffer);
  expect(twice.filter((_, i) => i % 2 === 0)).toEqual(new Int16Array(whole.slice().buffer));
  expect(twice.filter((_, i) => i % 2 === 1)).toEqual(new Int16Array(whole.slice().buffer));
  for (const [bytes, bits, float] of [
    [1, 8, false],
    [3, 20, false],
    [3, 24, false],
    [4, 32, false],
    [4, 32, true],
    [8, 64, true],
  ] as const) {
    expect(render({ format: { channels: 1, bytes, bits, float } }).length).toBe(5000 * bytes);
  }
});

test("parameters that make no sense are refused", () => {
  for (const changes of [
    { rate: 0 },
    { rate: 44101 },
    { frameSize: 0 },
    { frameSize: 480 },
    { count: 2 ** 30 },
    { packets: 6 },
    { packets: 100_000 },
    { streams: [] },
    { channelMap: [1] },
    { format: { channels: 0, bytes: 2, bits: 16, float: false } },
    { format: { channels: 1, bytes: 5, bits: 16, float: false } },
    { format: { channels: 1, bytes: 2, bits: 17, float: false } },
    { format: { channels: 1, bytes: 2, bits: 16, float: true } },
  ]) {
    expect(() => render(changes)).toThrow();
  }
});

test("damaged parameters and packets give an error or bytes, nothing else", () => {
  const params = opusPcmParams(rendering);
  const change = fc.tuple(fc.integer({ min: 0, max: params.length - 1 }), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(change, fc.integer({ min: 0, max: inputs[1]!.length - 1 }), ([at, bits], packetByte) => {
      const damaged = params.slice();
      damaged[at]! ^= bits;
      const bytes = Buffer.from(inputs[1]!);
      bytes[packetByte]! ^= bits;
      for (const [p, b] of [
        [damaged, inputs[1]!],
        [params, bytes],
      ] as const) {
        try {
          const length = opusPcm.outputLength([inputs[0]!.length, b.length], p);
          expect(opusPcm.apply([inputs[0]!, b], p, length).length).toBe(length);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("FLAC frames and samples are each other's inverse", () => {
  for (const [bytes, bits] of [
    [1, 8],
    [2, 12],
    [2, 16],
    [3, 24],
  ] as const) {
    const format = { channels: 2, bytes, bits, float: false };
    // Frames of the full width are read back; unused low bits are zero.
    const pcm = Uint8Array.from({ length: 9000 * 2 * bytes }, (_, i) => (i * i) >> 5);
    if (bits === 12) for (let i = 0; i < pcm.length; i += 2) pcm[i]! &= 0xf0;
    const framing = { format: { ...format, bits: 8 * bytes }, rate: 48000, firstFrame: 2 };
    const frames = flacFrames.apply([pcm], flacFramesParams(framing, 0), 0);
    expect(flacFrames.outputLength([pcm.length], flacFramesParams(framing, frames.length))).toBe(frames.length);
    const params = flacPcmParams(format, 9000);
    expect(flacPcm.outputLength([frames.length], params)).toBe(pcm.length);
    expect(flacPcm.apply([frames], params, pcm.length)).toEqual(pcm);
    for (const wrong of [8999, 9001]) {
      expect(() => flacPcm.apply([frames], flacPcmParams(format, wrong), pcm.length)).toThrow();
    }
    expect(() => flacPcm.apply([frames], flacPcmParams({ ...format, channels: 1 }, 9000), pcm.length)).toThrow();
    expect(() => flacPcm.apply([frames.subarray(1)], params, pcm.length)).toThrow();
  }
});

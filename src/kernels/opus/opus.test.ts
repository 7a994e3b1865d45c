import { expect, test } from "bun:test";
import { decodeOpus, OPUS_RATES, OpusEncoder } from ".";

/** A chirp that needs no library function: integers folded into a triangle wave. */
function chirp(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.abs((((i * i) >> 7) % 256) - 128) / 256 - 0.25);
}

function encode(rate: (typeof OPUS_RATES)[number], channels: 1 | 2, frames = 10): Uint8Array[] {
  const frameSize = rate / 50;
  const encoder = new OpusEncoder({ rate, channels, frameSize, bitrate: 32_000 * channels, voice: false });
  const samples = chirp(frames * frameSize * channels);
  const step = frameSize * channels;
  const packets = Array.from({ length: frames }, (_, i) =>
    encoder.encode(samples.subarray(i * step, (i + 1) * step)),
  );
  encoder.close();
  return packets;
}

function digest(bytes: Float32Array): string {
  return new Bun.CryptoHasher("sha256").update(new Uint8Array(bytes.buffer)).digest("hex");
}

test("every rate encodes and decodes to the same number of samples", () => {
  for (const rate of OPUS_RATES) {
    for (const channels of [1, 2] as const) {
      const samples = decodeOpus(encode(rate, channels), { rate, channels, frameSize: rate / 50 });
      expect(samples.length).toBe(10 * (rate / 50) * channels);
      expect(Math.max(...samples)).toBeGreaterThan(0.1);
    }
  }
});

test("the decoder's output is pinned, since archives depend on it", () => {
  const decoded = decodeOpus(encode(48000, 2), { rate: 48000, channels: 2, frameSize: 960 });
  expect(digest(decoded)).toBe("5aca3576d27adfe7f1a1aa92513a1ad856498d94797159cb875f308d530f81ff");
  const narrow = decodeOpus(encode(8000, 1), { rate: 8000, channels: 1, frameSize: 160 });
  expect(digest(narrow)).toBe("4d3acbe945a159059f4053d7ab320c09e6c32f3e83432bf1ec9b9d6e1c5fc98d");
});

test("each decoding starts afresh", () => {
  const packets = encode(16000, 1);
  const settings = { rate: 16000, channels: 1, frameSize: 320 } as const;
  const first = decodeOpus(packets, settings);
  decodeOpus(encode(16000, 1, 3), settings);
  expect(decodeOpus(packets, settings)).toEqual(first);
});

test("packets that are none, are empty or last another time are refused, and the next decoding is unharmed", () => {
  const packets = encode(48000, 1);
  const settings = { rate: 48000, channels: 1, frameSize: 960 } as const;
  const sound = decodeOpus(packets, settings);
  for (const bad of [Uint8Array.of(), Uint8Array.of(0xff, 0xff, 0xff), Uint8Array.of(0x03)]) {
    expect(() => decodeOpus([packets[0]!, bad], settings)).toThrow("packet 1");
  }
  expect(() => decodeOpus(packets, { ...settings, frameSize: 480 })).toThrow("packet 0");
  expect(decodeOpus(packets, settings)).toEqual(sound);
});

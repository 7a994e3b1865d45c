import { expect, test } from "bun:test";
import fc from "fast-check";
import { isFlacFrame, readFlacFrame } from "./flac-reader";
import { FLAC_BLOCK, type FlacSettings, writeFlacFrames } from "./flac-writer";

function readAll(frames: Uint8Array, channels: number, bits: number): number[][] {
  const planes = Array.from({ length: channels }, () => [] as number[]);
  for (let at = 0; at < frames.length; ) {
    const frame = readFlacFrame(frames, at, bits);
    expect(frame.planes.length).toBe(channels);
    for (const [channel, plane] of frame.planes.entries()) planes[channel]!.push(...plane);
    at = frame.end;
  }
  return planes;
}

function roundTrip(planes: Int32Array[], settings: FlacSettings): number {
  const frames = writeFlacFrames(planes, settings, 0);
  expect(readAll(frames, planes.length, settings.bits)).toEqual(planes.map((plane) => [...plane]));
  return frames.length;
}

/** A sum of two triangle waves and a little noise. */
function tone(count: number, amplitude: number, period = 97): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const wave = Math.abs((i % period) / period - 0.5) + Math.abs((i % 31) / 31 - 0.5) / 4 - 0.3;
    return Math.round(amplitude * wave + ((i * 7919) % 5));
  });
}

test("samples of every size and channel count come back", () => {
  const settings = fc.record({
    bits: fc.integer({ min: 4, max: 24 }),
    channels: fc.integer({ min: 1, max: 8 }),
    count: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1000, max: 5000 })),
    rate: fc.constantFrom(8000, 44100, 48000, 12345, 192000),
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    shape: fc.constantFrom("noise", "tone", "extremes", "shifted", "equal", "silence"),
    orders: fc.constantFrom([], [8], [4, 8, 12], [8, 12, 20, 32]),
  });
  fc.assert(
    fc.property(settings, ({ bits, channels, count, rate, seed, shape, orders }) => {
      const limit = 2 ** (bits - 1);
      let state = seed;
      const next = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x80000000;
      const make = (channel: number): Int32Array => {
        if (shape === "silence") return new Int32Array(count);
        if (shape === "equal" || shape === "tone")
          return tone(count, limit / 2, shape === "equal" ? 97 : 90 + channel);
        return Int32Array.from({ length: count }, () => {
          if (shape === "extremes") return next() < 0.5 ? -limit : limit - 1;
          const value = Math.floor((next() * 2 - 1) * limit);
          return shape === "shifted" ? value & ~7 : value;
        });
      };
      const planes = Array.from({ length: channels }, (_, channel) =>
        make(channel).map((value) => Math.max(-limit, Math.min(limit - 1, value))),
      );
      roundTrip(planes, { bits, rate, orders });
    }),
    { numRuns: 120 },
  );
});

test("music-like samples become much smaller, more so with linear prediction", () => {
  const chord = (i: number) => Math.sin(i / 7) + Math.sin(i / 3.1) + Math.sin(i / 1.7);
  const planes = [0, 50].map((lag) => Int32Array.from({ length: 3 * FLAC_BLOCK }, (_, i) => 8000 * chord(i + lag)));
  const fixed = roundTrip(planes, { rate: 44100, bits: 16, orders: [] });
  const linear = roundTrip(planes, { rate: 44100, bits: 16, orders: [12] });
  expect(fixed).toBeLessThan(3 * FLAC_BLOCK * 4);
  expect(linear).toBeLessThan(fixed / 2);
});

test("frames are numbered and announced", () => {
  const lengths: number[] = [];
  const frames = writeFlacFrames(
    [tone(2 * FLAC_BLOCK + 5, 100)],
    { rate: 8000, bits: 16, orders: [] },
    70000,
    (length) => lengths.push(length),
  );
  expect(lengths.length).toBe(3);
  expect(lengths.reduce((a, b) => a + b)).toBe(frames.length);
  // Number 70000 in the coding of RFC 9639, 9.1.5: F0 91 85 B0.
  expect([...frames.subarray(4, 8)]).toEqual([0xf0, 0x91, 0x85, 0xb0]);
  expect(isFlacFrame(frames, 0)).toBe(true);
  expect(isFlacFrame(frames, 1)).toBe(false);
});

test("the writer's bytes are pinned, since archives depend on them", () => {
  const planes = [tone(5000, 20000), tone(5000, 15000, 89)];
  const digest = (orders: number[]) =>
    new Bun.CryptoHasher("sha256")
      .update(writeFlacFrames(planes, { rate: 44100, bits: 16, orders }, 3))
      .digest("hex");
  expect(digest([])).toBe("6cbbb2874497238f764bed834fe66d819c6658b147626dc268566b94d8aeb971");
});

test("a frame with a changed bit is refused", () => {
  const frames = writeFlacFrames(
    [tone(600, 3000), tone(600, 2000, 83)],
    { rate: 44100, bits: 16, orders: [8] },
    0,
  ).slice();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: frames.length * 8 - 1 }), (bit) => {
      const damaged = frames.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => readFlacFrame(damaged, 0, 16)).toThrow(RangeError);
    }),
    { numRuns: 500 },
  );
});

test("truncated and arbitrary bytes are refused", () => {
  const frames = writeFlacFrames([tone(300, 3000)], { rate: 44100, bits: 16, orders: [8] }, 0).slice();
  for (let length = 0; length < frames.length; length++) {
    expect(() => readFlacFrame(frames.subarray(0, length), 0, 16)).toThrow(RangeError);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (tail) => {
      const bytes = Uint8Array.of(0xff, 0xf8, ...tail);
      expect(() => readFlacFrame(bytes, 0, 16)).toThrow(RangeError);
    }),
  );
});

import { describe, expect, test } from "bun:test";
import type { Segment } from "../../graph/plan";
import type { Source } from "../../graph/source";
import { modelByName } from "../../kernels/models";
import { noise } from "../testing";
import { planLidar } from "./lidar";

interface Fields {
  headerBytes?: number;
  offset?: number;
  format?: number;
  recordBytes?: number;
  count?: number;
  /** Of LAS 1.4, for headers of 375 bytes. */
  waveforms?: number;
  evlrs?: number;
  count64?: number;
}

/** A public header block with 60 random bytes of variable length records, and `size` bytes in all. */
function las(size: number, fields: Fields = {}): Uint8Array {
  const { headerBytes = 227, offset = headerBytes + 60, format = 1, recordBytes = 28, count = 100 } = fields;
  const bytes = noise(Math.max(size, headerBytes));
  bytes.fill(0, 0, headerBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4c, 0x41, 0x53, 0x46]);
  view.setUint16(94, headerBytes, true);
  view.setUint32(96, offset, true);
  view.setUint8(104, format);
  view.setUint16(105, recordBytes, true);
  view.setUint32(107, count, true);
  if (headerBytes >= 375) {
    view.setBigUint64(227, BigInt(fields.waveforms ?? 0), true);
    view.setBigUint64(235, BigInt(fields.evlrs ?? 0), true);
    view.setBigUint64(247, BigInt(fields.count64 ?? 0), true);
  }
  return bytes.subarray(0, size);
}

/** The plan in short; fails unless it covers the bytes once, in their order. */
async function planned(bytes: Uint8Array): Promise<string> {
  const source: Source = { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
  const segments: Segment[] = [];
  for await (const segment of planLidar(source)) segments.push(segment);
  let at = 0;
  for (const { length, root } of segments) {
    if (root.kind === "model") expect(root.data).toEqual({ offset: at, length });
    at += length;
  }
  expect(at).toBe(bytes.length);
  return segments
    .map(({ length, root }) => `${root.kind === "model" ? root.model : root.kind} ${length}`)
    .join(", ");
}

describe("a plan of points", () => {
  test("gives headers and what follows the points to the general model", async () => {
    expect(await planned(las(3200))).toBe("general 287, points 2800, general 113");
  });

  test("ends where the file does, whatever the count says", async () => {
    expect(await planned(las(287 + 28 * 50 + 13))).toBe("general 287, points 1400, general 13");
    expect(await planned(las(3200, { count: 0xffff_ffff }))).toBe("general 287, points 2912, general 1");
    expect(await planned(las(3200, { count: 0 }))).toBe("general 287, points 2912, general 1");
    expect(await planned(las(300))).toBe("general 287, general 13");
  });

  test("knows the counts and the borders of LAS 1.4", async () => {
    const header = { headerBytes: 375, format: 6, recordBytes: 30, count: 0 };
    expect(await planned(las(3200, { ...header, count64: 10 }))).toBe("general 435, points 300, general 2465");
    expect(await planned(las(3200, { ...header, evlrs: 1035 }))).toBe("general 435, points 600, general 2165");
    const both = { ...header, waveforms: 735, evlrs: 1035, count64: 2 ** 60 };
    expect(await planned(las(3200, both))).toBe("general 435, points 300, general 2465");
  });

  test("leaves alone what it does not know", async () => {
    for (const fields of [
      { format: 11 },
      { recordBytes: 27 },
      { recordBytes: 0 },
      { offset: 9000 },
      { offset: 5 },
    ]) {
      expect(await planned(las(3200, fields))).toBe("general 3200");
    }
    expect(await planned(las(3200, { format: 0x81 }))).toBe("general 287, store 2913");
    expect(await planned(las(100))).toBe("general 100");
  });

  test("cuts long files between points, of any length", async () => {
    const size = 287 + 34 * 600_000;
    const plan = await planned(las(size, { format: 3, recordBytes: 34, count: 600_000 }));
    expect(plan).toBe("general 287, points 16777198, points 3622802");
    expect(await planned(las(200_000, { recordBytes: 65_535 }))).toBe("general 287, points 196605, general 3108");
  });

  test("covers every truncation", async () => {
    const bytes = las(3200, { headerBytes: 375, format: 6, recordBytes: 30, count64: 10, evlrs: 2000 });
    for (let length = 1; length < bytes.length; length += length < 500 ? 1 : 97)
      await planned(bytes.subarray(0, length));
  });
});

test("points come back at every level, in every format", () => {
  const { encode, decode } = modelByName("points", "max");
  for (const [format, recordBytes] of [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67].entries()) {
    const params = Uint8Array.of(format, recordBytes + 2, 0);
    const raw = noise((recordBytes + 2) * 40, format + 1);
    for (const level of ["fast", "balanced", "max"] as const) {
      const payload = encode(raw, params, level);
      expect(Buffer.compare(decode(payload, params, raw.length), raw)).toBe(0);
      expect(() => decode(payload.subarray(0, 20), params, raw.length)).toThrow();
      expect(() => decode(payload, params, raw.length + 1)).toThrow();
    }
  }
});

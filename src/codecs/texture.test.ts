import { expect, test } from "bun:test";
import { logFiles } from "./log-files";
import { bytesOf, noise, render } from "./testing";
import { SAMPLE_BYTES, STRETCH_BYTES, textureOf } from "./texture";

const LINES = Array.from(noise(9000, 3), (id) => `2026-01-05 10:11:12 INFO request ${1000 + id}\n`).join("");
const TEXT = bytesOf(LINES).subarray(0, 2 * STRETCH_BYTES);

function withControls(share: number): Uint8Array {
  return TEXT.map((byte, at) => (at % Math.round(1 / share) === 0 ? 0 : byte));
}

test("textures are told apart", () => {
  const texture = (bytes: Uint8Array, controls = false) => textureOf(bytes.subarray(0, SAMPLE_BYTES), controls);
  expect(texture(TEXT)).toBe("text");
  expect(texture(withControls(0.02))).toBe("speckled");
  expect(texture(withControls(0.2))).toBe("binary");
  expect(texture(withControls(0.2), true)).toBe("text");
  expect(texture(noise(SAMPLE_BYTES))).toBe("noise");
  expect(texture(noise(SAMPLE_BYTES), true)).toBe("noise");
  expect(texture(new Uint8Array(Buffer.from(LINES, "utf16le")))).toBe("text");
  expect(texture(noise(100).map((byte) => byte | 0x20))).toBe("text");
});

test.each(["fast", "balanced", "max"] as const)("noise within a text is cut out at level %s", async (level) => {
  const bytes = Buffer.concat([TEXT, noise(STRETCH_BYTES), withControls(0.02), withControls(0.2), TEXT]);
  const { bytes: back, segments } = await render(logFiles, new Uint8Array(bytes), { format: "log", level });
  expect(Buffer.compare(back, bytes)).toBe(0);
  const models = segments.map(({ root }) => (root.kind === "model" ? root.model : root.kind));
  const [text, binary] = level === "max" ? ["structured", "bwt"] : ["columns", "zstd"];
  expect(models).toEqual([text, "zstd", text, binary, text]);
  const gap = Buffer.concat([TEXT, new Uint8Array(STRETCH_BYTES), TEXT]);
  expect((await render(logFiles, new Uint8Array(gap), { format: "log", level })).segments.length).toBe(1);
});

import { describe, expect, test } from "bun:test";
import { samples } from "../samples";
import { bytesOf, joinBytes, probeOf } from "../testing";
import { dcm } from "./dcm";

async function confidence(bytes: Uint8Array): Promise<number> {
  return dcm.sniff(await probeOf(bytes)).confidence;
}

const bare = (name: string) => samples.find((sample) => sample.name === name)!.bytes.slice();

describe("a data set without a preamble", () => {
  test.each(["bare.dcm", "bare-explicit.dcm", "bare-big.dcm"])("is known by its elements: %s", async (name) => {
    expect(await confidence(bare(name))).toBe(0.9);
    expect(await confidence(joinBytes(bytesOf("DICM"), bare(name)))).toBe(0.9);
  });

  test("needs rising tags", async () => {
    const bytes = bare("bare.dcm");
    const second = bytes.indexOf(0x18, 8);
    bytes[second] = 0x05;
    expect(await confidence(bytes)).toBe(0);
  });

  test("needs lengths that stay inside the file", async () => {
    const bytes = bare("bare.dcm");
    bytes[6] = 0x7f;
    expect(await confidence(bytes)).toBe(0);
  });

  test("needs known value representations, or lengths in their place", async () => {
    const bytes = bare("bare-big.dcm");
    bytes[4] = 0x58;
    expect(await confidence(bytes)).toBe(0);
  });

  test("begins with group 0002 or 0008", async () => {
    const bytes = bare("bare.dcm");
    bytes[0] = 0x09;
    expect(await confidence(bytes)).toBe(0);
  });
});

test("the refusal says what was looked for, and where", async () => {
  const { why } = dcm.sniff(await probeOf("no image"));
  expect(why).toBe("no DICM marker at offset 128 and no valid data set at 0");
});

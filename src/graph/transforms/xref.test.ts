import { describe, expect, test } from "bun:test";
import { markOffsets, xref } from "./xref";

const NO_PARAMS = new Uint8Array(0);
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const entry = (offset: number, kind = "n") => `${String(offset).padStart(10, "0")} 00000 ${kind} \n`;

/** A file with a table, and a second one that updates an object. */
function file(shift = 0): string {
  const first = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n2 0 obj\n<<>>\nendobj\n";
  const offsets = [1, 2].map((number) => first.indexOf(`${number} 0 obj`) + shift);
  const table = `xref\n0 3\n${entry(0, "f")}${entry(offsets[0]!)}${entry(offsets[1]!)}trailer\n`;
  const update = `${first}${table}2 0 obj\n[]\nendobj\n`;
  return `${update}xref\n2 1\n${entry(update.indexOf("2 0 obj\n[]") + shift)}trailer\n`;
}

describe("offsets of objects", () => {
  test("are marked and filled in again", () => {
    const original = bytesOf(file());
    const marked = markOffsets(original)!;
    expect(
      Buffer.from(marked)
        .toString("latin1")
        .match(/##########/g),
    ).toHaveLength(3);
    expect(Buffer.compare(xref.apply([marked], NO_PARAMS, original.length), original)).toBe(0);
  });

  test("stay where they are wrong, or nothing is there", () => {
    expect(markOffsets(bytesOf(file(1)))).toBeUndefined();
    expect(markOffsets(bytesOf("xref\n0 99999999\n"))).toBeUndefined();
    expect(markOffsets(NO_PARAMS)).toBeUndefined();
  });

  test("stay where the file itself has marks that would be filled in", () => {
    const odd = file().replace("0000000009", "##########");
    expect(markOffsets(bytesOf(odd))).toBeUndefined();
  });
});

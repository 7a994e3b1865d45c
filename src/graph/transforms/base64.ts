import { ByteReader, ByteWriter } from "../bytes";
import type { Transform } from "./transform";

/** How base64 text (RFC 2045, 6.8; RFC 4648, 4) is laid out in lines. */
export interface Base64Layout {
  /** Characters of every line but the last; 0 for one line without end. A multiple of 4 in most mails. */
  readonly lineLength: number;
  readonly lineEnd: "\n" | "\r\n";
  /** Whether the last line has a line end too. */
  readonly lastLineEnds: boolean;
  /** Whether the last group is filled up with `=`. */
  readonly padded: boolean;
}

/** Parameters of the transform `base64`. */
export function base64Params(layout: Base64Layout): Uint8Array {
  return writeLayout(new ByteWriter(), layout).finish();
}

function readParams(params: Uint8Array): Base64Layout {
  const reader = new ByteReader(params, "base64 parameters");
  const layout = readLayout(reader);
  reader.end();
  return layout;
}

export function writeLayout(writer: ByteWriter, layout: Base64Layout): ByteWriter {
  const flags = (layout.lineEnd === "\r\n" ? 1 : 0) | (layout.lastLineEnds ? 2 : 0) | (layout.padded ? 0 : 4);
  return writer.varint(layout.lineLength).byte(flags);
}

/** @throws Refusal `damaged` for flags that do not exist */
export function readLayout(reader: ByteReader): Base64Layout {
  const lineLength = reader.varint(0x7fffffff);
  const flags = reader.byte();
  if (flags > 7) throw reader.damaged("unknown flags");
  return {
    lineLength,
    lineEnd: flags & 1 ? "\r\n" : "\n",
    lastLineEnds: (flags & 2) !== 0,
    padded: (flags & 4) === 0,
  };
}

/** The bytes as base64 text in lines: what a planner decoded, provided that this gives back the very text. */
export const base64: Transform = {
  id: 1,
  version: 1,
  name: "base64",
  outputLength([length], params) {
    if (length === undefined) throw new Error("base64 has one input");
    return encodedLength(length, readParams(params));
  },
  apply([bytes], params, outputLength) {
    return encodeBase64(bytes!, readParams(params), outputLength);
  },
};

/** Bytes of the text that `length` bytes become. */
export function encodedLength(length: number, layout: Base64Layout): number {
  const characters = textLength(length, layout);
  return characters + lineEnds(characters, layout) * layout.lineEnd.length;
}

/** @param outputLength what {@link encodedLength} says */
export function encodeBase64(bytes: Uint8Array, layout: Base64Layout, outputLength: number): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  const characters = Buffer.from(text.slice(0, textLength(bytes.length, layout)), "latin1");
  return breakLines(characters, layout, outputLength);
}

function textLength(bytes: number, layout: Base64Layout): number {
  return layout.padded ? Math.ceil(bytes / 3) * 4 : Math.ceil((bytes * 4) / 3);
}

function lineEnds(characters: number, layout: Base64Layout): number {
  const lines = layout.lineLength === 0 ? Math.min(1, characters) : Math.ceil(characters / layout.lineLength);
  return layout.lastLineEnds ? lines : Math.max(0, lines - 1);
}

function breakLines(characters: Uint8Array, layout: Base64Layout, outputLength: number): Uint8Array {
  const output = new Uint8Array(outputLength);
  const lineEnd = Buffer.from(layout.lineEnd, "latin1");
  const lineLength = layout.lineLength || characters.length;
  let to = 0;
  for (let from = 0; from < characters.length; from += lineLength) {
    const line = characters.subarray(from, from + lineLength);
    output.set(line, to);
    to += line.length;
    if (to < outputLength) {
      output.set(lineEnd, to);
      to += lineEnd.length;
    }
  }
  return output;
}

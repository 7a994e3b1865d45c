/**
 * `npm run bench:odd -- [--text FILE] [--codec log-files] [--levels fast,balanced,max] [--bytes 2000000]`: how the
 * text codecs do with files that are not quite text, in bytes and in speed relative to the plain text.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Engine } from "../src/graph/engine";
import type { Level } from "../src/graph/plan";
import type { CorpusFile } from "./corpus";
import { measureCodec } from "./own";

const { values: options } = parseArgs({
  options: {
    text: { type: "string" },
    codec: { type: "string", default: "log-files" },
    levels: { type: "string", default: "fast,balanced,max" },
    bytes: { type: "string", default: "2000000" },
  },
});

const PLAIN_BYTES = 70_000;

/** Numbers from 0 up to 1, the same in every run. */
let state = 1;
function random(): number {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
  const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

function noise(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random() * 256));
}

/** A log of requests, as long as asked. */
function madeLog(length: number): Buffer {
  const lines: string[] = [];
  for (let time = 1767608000000, bytes = 0; bytes < length; time += Math.floor(random() * 3000)) {
    const path = ["/", "/index.html", "/api/items", "/static/main.css"][Math.floor(random() ** 2 * 4)];
    const address = `10.0.${Math.floor(random() * 4)}.${Math.floor(random() ** 2 * 250)}`;
    const size = Math.floor(random() * 90000);
    lines.push(`${new Date(time).toISOString()} INFO [http-${size % 8}] ${address} GET ${path} 200 ${size}\n`);
    bytes += lines.at(-1)!.length;
  }
  return Buffer.from(lines.join("")).subarray(0, length);
}

function replaceSome(text: Buffer, share: number, byte: number): Buffer {
  return Buffer.from(text.map((kept) => (random() < share ? byte : kept)));
}

function joinLines(text: Buffer, length: number, end: string): Buffer {
  const lines = text.toString("latin1").split("\n");
  const joined: string[] = [];
  for (let at = 0, line = ""; at < lines.length; at++) {
    line += `(${lines[at]}),`;
    if (line.length < length && at + 1 < lines.length) continue;
    joined.push(`${line.slice(0, -1)}${end}`);
    line = "";
  }
  return Buffer.from(joined.join(""), "latin1");
}

function withLineEnds(text: Buffer, endOf: (line: number) => string): Buffer {
  const lines = text.toString("latin1").split("\n");
  return Buffer.from(lines.map((line, at) => line + endOf(at)).join(""), "latin1");
}

/** Between two pieces of the text: a file that opens or ends as binary data is refused. */
function between(text: Buffer, odd: Buffer): Buffer {
  return Buffer.concat([text.subarray(0, PLAIN_BYTES), odd, text.subarray(-PLAIN_BYTES)]);
}

function inside(text: Buffer, odd: Buffer): Buffer {
  const middle = text.length >> 1;
  return Buffer.concat([text.subarray(0, middle), odd, text.subarray(middle)]);
}

/** What makes an odd file of a text. */
const ODD: Record<string, (text: Buffer) => Buffer> = {
  text: (text) => text,
  noise: (text) => between(text, noise(text.length)),
  "noise inside": (text) => inside(text, noise(text.length / 5)),
  "2 % NULs": (text) => between(text, replaceSome(text, 0.02, 0)),
  "20 % controls": (text) => between(text, replaceSome(text, 0.2, 1)),
  "NULs inside": (text) => inside(text, Buffer.alloc(text.length / 2)),
  "30 KB lines": (text) => joinLines(text, 30_000, "\n"),
  "1 MB INSERTs": (text) => joinLines(text, 1_000_000, ";\nINSERT INTO t VALUES "),
  "CR only": (text) => withLineEnds(text, () => "\r"),
  "mixed ends": (text) => withLineEnds(text, (at) => ["\n", "\r\n", "\n", "\r"][(at * 7) & 3]!),
  "UTF-16": (text) => Buffer.from(`\ufeff${text.toString("latin1")}`, "utf16le"),
  "cut off": (text) => text.subarray(0, text.length - 17),
};

const scratch = mkdtempSync(join(tmpdir(), "smallest-odd-"));
try {
  const bytes = Number(options.bytes);
  const text = options.text ? readFileSync(options.text).subarray(0, bytes) : madeLog(bytes);
  for (const level of options.levels.split(",") as Level[]) await benchOdd(text, level);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function benchOdd(text: Buffer, level: Level): Promise<void> {
  const engine = new Engine({ workers: 2 });
  try {
    let normal: readonly [number, number] | undefined;
    await measureCodec(engine, write("warm-up", text), level, scratch);
    for (const [name, change] of Object.entries(ODD)) {
      const row = await measureCodec(engine, write(name, change(text)), level, scratch);
      if (!row.exact) throw new Error(`${name} did not come back as it was`);
      const speeds = [row.encodeSeconds, row.decodeSeconds].map((seconds) => row.originalBytes / 1e6 / seconds);
      const [encode, decode] = speeds as [number, number];
      normal ??= [encode, decode];
      const share = [encode / normal[0], decode / normal[1]].map((value) => `${Math.round(value * 100)} %`);
      const cells = [
        level,
        name,
        row.originalBytes,
        row.compressedBytes,
        encode.toFixed(2),
        decode.toFixed(2),
        ...share,
      ];
      console.log(cells.join("\t"));
    }
  } finally {
    engine.close();
  }
}

function write(name: string, bytes: Buffer): CorpusFile {
  const path = join(scratch, "odd");
  writeFileSync(path, bytes);
  return { format: "odd", file: name, path, size: bytes.length, codec: options.codec! };
}

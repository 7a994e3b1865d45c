/**
 * `npm run bench:flate -- --corpus DIR [--without FILE,...] [--list]`: how many of the Flate streams of PDF files, by
 * bytes, are taken apart and made again; `--list` names those that are not. Streams that do not inflate are none.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { constants, inflateRawSync } from "node:zlib";
import { decryptPdf } from "../src/codecs/text-pdf/decrypt";
import { afterLineEnd, KEYWORD, pdfScanner } from "../src/codecs/text-pdf/streams";
import { unwrapSegments } from "../src/codecs/unwrap";
import { isZlibHeader } from "../src/codecs/unwrap/deflated";
import type { Found, Scanner } from "../src/codecs/unwrap/found";
import { MemorySource } from "../src/graph/source";
import { VECTOR_BYTES } from "../src/graph/transforms/cipher";
import { readCorpus } from "./corpus";

/** More than that no stream of the corpus holds. */
const MOST_PLAIN_BYTES = 256 << 20;

interface Stream {
  readonly start: number;
  readonly length: number;
}

const { values: options } = parseArgs({
  options: {
    corpus: { type: "string", default: process.env.SMALLEST_CORPUS },
    without: { type: "string", default: "" },
    list: { type: "boolean", default: false },
  },
});
const without = new Set(options.without.split(","));
const files = readCorpus(options.corpus ?? "").filter(
  (file) => file.format === "text-pdf" && !without.has(file.file),
);
let [all, made] = [0, 0];
for (const { path, file } of files) {
  const decrypted = decryptPdf(new Uint8Array(readFileSync(path)));
  const bytes = decrypted?.bytes ?? new Uint8Array(readFileSync(path));
  const lead = decrypted && decrypted.cipher.kind !== "rc4" ? VECTOR_BYTES : 0;
  const streams = flateStreams(bytes, lead);
  const starts = await remadeStarts(bytes, lead);
  const remade = streams.filter(({ start }) => starts.has(start));
  console.log(file.padEnd(40), `${remade.length} of ${streams.length} streams`, shareOf(sum(remade), sum(streams)));
  if (options.list)
    for (const { start, length } of streams) if (!starts.has(start)) console.log(`  ${length} bytes at ${start}`);
  all += sum(streams);
  made += sum(remade);
}
console.log("all".padEnd(40), shareOf(made, all));

/** Raw deflate streams behind the keyword `stream` that inflate to their end. */
function flateStreams(bytes: Uint8Array, lead: number): Stream[] {
  const streams: Stream[] = [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(KEYWORD); at >= 0; at = buffer.indexOf(KEYWORD, at + 1)) {
    const start = (afterLineEnd(bytes, at + KEYWORD.length) ?? bytes.length) + lead;
    if (start + 2 > bytes.length || !isZlibHeader(bytes[start]!, bytes[start + 1]!)) continue;
    const length = inflatedLength(bytes.subarray(start + 2));
    if (length !== undefined) streams.push({ start: start + 2, length });
  }
  return streams;
}

function inflatedLength(bytes: Uint8Array): number | undefined {
  try {
    const settings = { info: true, maxOutputLength: MOST_PLAIN_BYTES, finishFlush: constants.Z_FINISH };
    const { engine } = inflateRawSync(bytes, settings) as unknown as { engine: { bytesWritten: number } };
    return engine.bytesWritten;
  } catch {
    return undefined;
  }
}

/** Where streams begin that a plan makes again: the search goes on behind those, and within the others. */
async function remadeStarts(bytes: Uint8Array, lead: number): Promise<Set<number>> {
  const starts = new Set<number>();
  const scanner = pdfScanner(lead);
  let base = 0;
  let last: Found | undefined;
  const settle = (from: number) => {
    if (last && from === last.end) starts.add(base + last.start);
    last = undefined;
  };
  const scan: Scanner = (window, from) => {
    settle(from);
    base = window.byteOffset - bytes.byteOffset;
    const found = scanner(window, from);
    last = found?.kind === "unfinished" ? found.rest : found;
    return found;
  };
  for await (const _ of unwrapSegments(new MemorySource(bytes), { scan })) settle(last?.end ?? 0);
  return starts;
}

function sum(streams: readonly Stream[]): number {
  return streams.reduce((total, { length }) => total + length, 0);
}

function shareOf(part: number, whole: number): string {
  return `${part} of ${whole} bytes, ${((100 * part) / Math.max(1, whole)).toFixed(2)} %`;
}

import { MAX_PART_BYTES } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Base64Layout } from "../../graph/transforms/base64";
import type { Base64Run } from "./runs";

/** A stretch of the file that is the base64 text of `data` in lines, exactly. */
export interface Attachment {
  readonly start: number;
  readonly end: number;
  readonly data: Uint8Array;
  readonly layout: Base64Layout;
}

/**
 * Larger attachments are cut where lines of 60, 64, 72 and 76 characters all end: equal attachments then give equal
 * parts, however their mailers broke the lines. A multiple of their 45, 48, 54 and 57 bytes, close to 12 MiB.
 */
const COMMON_UNIT = 41040;
const PIECE_BYTES = 12 << 20;

/**
 * Decodes a run, in pieces of a part each. Yields only what encodes back to the very text; the rest of the run is
 * left out, and with it the last line where its padding is not the canonical one.
 */
export async function* decodeRun(source: Source, run: Base64Run): AsyncGenerator<Attachment> {
  const stride = run.lineLength + run.lineEnd.length;
  const linesPerPiece = isLarge(run) ? pieceLines(run.lineLength) : run.fullLines + 1;
  for (let line = 0; line < run.fullLines; line += linesPerPiece) {
    const fullLines = Math.min(linesPerPiece, run.fullLines - line);
    const isLast = line + fullLines === run.fullLines;
    const piece: Base64Run = {
      ...run,
      start: run.start + line * stride,
      end: isLast ? run.end : run.start + (line + fullLines) * stride,
      fullLines,
      lastLength: isLast ? run.lastLength : 0,
      lastLineEnds: isLast ? run.lastLineEnds : true,
    };
    const attachment =
      (await decodePiece(source, piece)) ?? (await decodePiece(source, withoutLastLine(piece, stride)));
    if (attachment) yield attachment;
  }
}

function isLarge(run: Base64Run): boolean {
  return ((run.fullLines * run.lineLength + run.lastLength) / 4) * 3 > MAX_PART_BYTES;
}

/** Whole lines and whole groups of four characters, as near to {@link PIECE_BYTES} as the common unit allows. */
function pieceLines(lineLength: number): number {
  const group = leastCommonMultiple(lineLength, 4);
  const unit = leastCommonMultiple((group / 4) * 3, COMMON_UNIT);
  const step = unit <= PIECE_BYTES ? unit : (group / 4) * 3;
  return (((Math.floor(PIECE_BYTES / step) * step) / 3) * 4) / lineLength;
}

function withoutLastLine(run: Base64Run, stride: number): Base64Run {
  const { lastLength } = run;
  const fullLines = lastLength > 0 ? run.fullLines : run.fullLines - 1;
  return { ...run, fullLines, lastLength: 0, lastLineEnds: true, end: run.start + fullLines * stride };
}

/** How much text is decoded at a time. */
const CHUNK_CHARACTERS = 1 << 18;

/** The piece decoded, or undefined when encoding it would not give back the text. */
async function decodePiece(source: Source, run: Base64Run): Promise<Attachment | undefined> {
  const characters = run.fullLines * run.lineLength + run.lastLength;
  const padded = characters % 4 === 0;
  if (characters === 0 || characters % 4 === 1) return undefined;
  const data = new Uint8Array(Math.floor((characters * 3) / 4));
  const lines = run.fullLines + (run.lastLength > 0 ? 1 : 0);
  const step = chunkLines(run.lineLength);
  let length = 0;
  for (let line = 0; line < lines; line += step) {
    const text = await readLines(source, run, line, Math.min(step, lines - line));
    const bytes = Buffer.from(text, "base64");
    const again = bytes.toString("base64");
    if ((padded ? again : again.replaceAll("=", "")) !== text) return undefined;
    data.set(bytes, length);
    length += bytes.length;
  }
  const layout = { lineLength: run.lineLength, lineEnd: run.lineEnd, lastLineEnds: run.lastLineEnds, padded };
  return { start: run.start, end: run.end, data: data.subarray(0, length), layout };
}

/** Lines that together hold whole groups of four characters. */
function chunkLines(lineLength: number): number {
  const group = leastCommonMultiple(lineLength, 4);
  return Math.max(1, Math.floor(CHUNK_CHARACTERS / group)) * (group / lineLength);
}

/** The characters of `count` lines from the line of index `first` on, without line ends. */
async function readLines(source: Source, run: Base64Run, first: number, count: number): Promise<string> {
  const stride = run.lineLength + run.lineEnd.length;
  const start = run.start + first * stride;
  const text = Buffer.from(await source.read(start, Math.min(count * stride, run.end - start))).toString("latin1");
  return text.replaceAll(run.lineEnd, "");
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

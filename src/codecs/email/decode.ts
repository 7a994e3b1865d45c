import { MAX_PART_BYTES } from "../../graph/plan";
import type { Source } from "../../graph/source";
import type { Base64Layout } from "../../graph/transforms/base64";
import { type Base64Run, PAD, SEXTETS } from "./runs";

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

/** How much text is read at a time. */
const CHUNK_BYTES = 1 << 18;

/** The piece decoded, or undefined when encoding it would not give back the text. */
async function decodePiece(source: Source, run: Base64Run): Promise<Attachment | undefined> {
  const decoder = new Decoder(run.fullLines * run.lineLength + run.lastLength);
  for (let at = run.start; at < run.end; at += CHUNK_BYTES) {
    decoder.push(await source.read(at, Math.min(CHUNK_BYTES, run.end - at)));
  }
  const decoded = decoder.finish();
  const { start, end, lineLength, lineEnd, lastLineEnds } = run;
  return (
    decoded && {
      start,
      end,
      data: decoded.data,
      layout: { lineLength, lineEnd, lastLineEnds, padded: decoded.padded },
    }
  );
}

class Decoder {
  readonly #data: Uint8Array;
  #length = 0;
  #sextets = 0;
  #pads = 0;
  #bits = 0;
  #bitCount = 0;

  /** @param characters of the text, line ends not counted */
  constructor(characters: number) {
    this.#data = new Uint8Array(Math.floor((characters * 3) / 4));
  }

  /** Takes characters of the alphabet, padding at the end, and line ends, which it passes over. */
  push(text: Uint8Array): void {
    let [bits, bitCount, length, pads] = [this.#bits, this.#bitCount, this.#length, 0];
    let others = 0;
    for (let i = 0; i < text.length; i++) {
      const value = SEXTETS[text[i]!]!;
      if (value === 255) {
        others++;
        if (text[i] === PAD) pads++;
        continue;
      }
      bits = ((bits << 6) | value) & 0xffff;
      bitCount += 6;
      if (bitCount >= 8) {
        bitCount -= 8;
        this.#data[length++] = bits >> bitCount;
      }
    }
    [this.#bits, this.#bitCount, this.#length] = [bits, bitCount, length];
    this.#pads += pads;
    this.#sextets += text.length - others;
  }

  /** The bytes, if theirs is the canonical text (RFC 4648 section 3.5), with padding or entirely without. */
  finish(): { data: Uint8Array; padded: boolean } | undefined {
    const missing = (4 - (this.#sextets % 4)) % 4;
    const spareBits = this.#bits & ((1 << this.#bitCount) - 1);
    if (this.#sextets === 0 || missing === 3 || spareBits !== 0) return undefined;
    if (this.#pads !== 0 && this.#pads !== missing) return undefined;
    return { data: this.#data.subarray(0, this.#length), padded: this.#pads === missing };
  }
}

function leastCommonMultiple(a: number, b: number): number {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

import type { Source } from "../../graph/source";

/** Lines of base64 text of one length, the last one perhaps shorter: what mailers make of an attachment. */
export interface Base64Run {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset behind the last line, its line end included. */
  readonly end: number;
  readonly lineLength: number;
  readonly lineEnd: "\n" | "\r\n";
  /** Lines of full length. */
  readonly fullLines: number;
  /** Characters of the shorter line behind them, padding included; 0 without one. */
  readonly lastLength: number;
  /** False only where the file ends without a line end. */
  readonly lastLineEnds: boolean;
}

/** Line lengths that RFC 2045 and the line limit of RFC 5322 (section 2.1.1) leave room for, with a margin below. */
export const MIN_LINE = 57;
export const MAX_LINE = 998;

const WINDOW_BYTES = 1 << 20;
const LF = 0x0a;
const CR = 0x0d;
export const PAD = 0x3d;

/** The value of each base64 character (RFC 4648 section 4); 255 for any other byte. */
export const SEXTETS = new Uint8Array(256).fill(255);
for (const [value, character] of [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
].entries()) {
  SEXTETS[character.charCodeAt(0)] = value;
}

/** Finds the runs whose text is at least `minimum` bytes long, in one pass and in bounded memory. */
export async function* findBase64Runs(source: Source, minimum: number): AsyncGenerator<Base64Run> {
  const splitter = new LineSplitter();
  let run: OpenRun | undefined;
  for (let at = 0; at < source.size; at += WINDOW_BYTES) {
    const window = await source.read(at, WINDOW_BYTES);
    for (const line of splitter.push(window, at + window.length === source.size)) {
      if (run && line.complete && run.takes(line)) continue;
      if (run && run.end - run.start >= minimum) yield run.close();
      run = line.complete && OpenRun.canStart(line) ? new OpenRun(line) : undefined;
    }
  }
  if (run && run.end - run.start >= minimum) yield run.close();
}

/** A line of the file; of one that is too long for base64 only its existence matters. */
interface Line {
  readonly offset: number;
  /** Without line end; valid until the next line is asked for. */
  readonly text: Uint8Array;
  readonly lineEnd: "" | "\n" | "\r\n";
  readonly complete: boolean;
}

class LineSplitter {
  /** The start of a line whose end is yet to come. */
  #carry = new Uint8Array(0);
  #tooLong = false;
  /** Offset in the file behind all windows so far. */
  #offset = 0;

  *push(window: Uint8Array, last: boolean): Generator<Line> {
    const bytes = this.#carry.length === 0 ? window : joined(this.#carry, window);
    const base = this.#offset - this.#carry.length;
    this.#offset += window.length;
    let from = 0;
    for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, from)) {
      const crlf = lf > from && bytes[lf - 1] === CR;
      const text = bytes.subarray(from, crlf ? lf - 1 : lf);
      yield { offset: base + from, text, lineEnd: crlf ? "\r\n" : "\n", complete: !this.#tooLong };
      this.#tooLong = false;
      from = lf + 1;
    }
    const rest = bytes.subarray(from);
    if (last && rest.length > 0) yield { offset: base + from, text: rest, lineEnd: "", complete: !this.#tooLong };
    this.#tooLong ||= rest.length > MAX_LINE + 2;
    this.#carry = this.#tooLong ? new Uint8Array(0) : rest.slice();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

class OpenRun {
  readonly start: number;
  end: number;
  readonly #lineLength: number;
  readonly #lineEnd: "\n" | "\r\n";
  #fullLines = 1;
  #lastLength = 0;
  #lastLineEnds = true;

  /** @param first a line that {@link canStart} */
  constructor(first: Line) {
    this.start = first.offset;
    this.end = first.offset + first.text.length + first.lineEnd.length;
    this.#lineLength = first.text.length;
    this.#lineEnd = first.lineEnd as "\n" | "\r\n";
  }

  static canStart({ text, lineEnd }: Line): boolean {
    return text.length >= MIN_LINE && text.length <= MAX_LINE && lineEnd !== "" && isBase64(text, text.length);
  }

  /** Adds the line if it belongs to the run. */
  takes({ text, lineEnd }: Line): boolean {
    if (this.#lastLength > 0 || !this.#lastLineEnds) return false;
    if (text.length === 0 || text.length > this.#lineLength || (lineEnd !== this.#lineEnd && lineEnd !== ""))
      return false;
    const pads = text.at(-1) !== PAD ? 0 : text.at(-2) === PAD ? 2 : 1;
    if (!isBase64(text, text.length - pads)) return false;
    if (text.length === this.#lineLength && pads === 0) this.#fullLines++;
    else this.#lastLength = text.length;
    this.#lastLineEnds = lineEnd !== "";
    this.end += text.length + lineEnd.length;
    return true;
  }

  close(): Base64Run {
    return {
      start: this.start,
      end: this.end,
      lineLength: this.#lineLength,
      lineEnd: this.#lineEnd,
      fullLines: this.#fullLines,
      lastLength: this.#lastLength,
      lastLineEnds: this.#lastLineEnds,
    };
  }
}

function isBase64(text: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (SEXTETS[text[i]!] === 255) return false;
  return true;
}

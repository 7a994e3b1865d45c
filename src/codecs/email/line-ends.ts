/** Text with the carriage returns before its line feeds taken out. */
export interface BareText {
  readonly text: Uint8Array;
  /** How many were taken out. */
  readonly pairs: number;
  /** The line feeds, counted from 0, that had none. */
  readonly bare: readonly number[];
}

const CR = 13;
const LF = 10;

/** The share of line feeds without carriage return above which a text is left as it is. */
const MAX_BARE_SHARE = 0.02;

/** Makes the line ends of a text LF; undefined where they are not CR LF as a rule. */
export function bareLineEnds(data: Uint8Array): BareText | undefined {
  const text = new Uint8Array(data.length);
  const bare: number[] = [];
  let [from, to, line] = [0, 0, 0];
  for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, at + 1), line++) {
    const paired = at > 0 && data[at - 1] === CR && at - 1 >= from;
    if (!paired) bare.push(line);
    const end = paired ? at - 1 : at;
    text.set(data.subarray(from, end), to);
    to += end - from;
    from = at;
  }
  text.set(data.subarray(from), to);
  const length = to + data.length - from;
  if (line === bare.length || bare.length > MAX_BARE_SHARE * line) return undefined;
  return { text: text.subarray(0, length), pairs: line - bare.length, bare };
}

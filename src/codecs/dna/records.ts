/** Records of four lines, as FASTQ text has them (Cock et al. 2010, doi:10.1093/nar/gkp1137). */

const NEWLINE = 10;
const AT = 64;
const PLUS = 43;

/** Where lines begin, up to the one behind the last line end. */
function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) starts.push(at + 1);
  return starts;
}

/** Whether the line of this number is followed by bases, a line with `+`, and qualities as long as the bases. */
function isRecord(bytes: Uint8Array, starts: readonly number[], line: number): boolean {
  const [name, bases, plus, qualities, next] = starts.slice(line, line + 5);
  if (next === undefined || bytes[name!] !== AT || bytes[plus!] !== PLUS) return false;
  return plus! - bases! === next - qualities!;
}

/** The share of complete lines that belong to records of FASTQ, at least one record long. */
export function shareOfRecords(bytes: Uint8Array): number {
  const starts = lineStarts(bytes);
  let inside = 0;
  for (let line = 0; line + 4 < starts.length; ) {
    const found = isRecord(bytes, starts, line);
    inside += found ? 4 : 0;
    line += found ? 4 : 1;
  }
  // The sample may end within a record.
  return inside === 0 ? 0 : inside / Math.max(inside, starts.length - 4);
}

/** The offset behind the last complete record, if there is one. A line of qualities may begin with `@` too. */
export function recordEnd(bytes: Uint8Array): number | undefined {
  const starts = lineStarts(bytes);
  for (let line = starts.length - 5; line >= 0; line--) {
    if (isRecord(bytes, starts, line)) return starts[line + 4];
  }
  return undefined;
}

/** The offset behind the last line end. */
export function lineEnd(bytes: Uint8Array): number | undefined {
  return bytes.lastIndexOf(NEWLINE) + 1 || undefined;
}

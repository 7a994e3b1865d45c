import type { TextProbe } from "../sniff";

/** Delimited rows as bulk exports write them: CSV, tab-separated values, bcp with its own terminators. */
export interface TableVerdict {
  /** Whether most rows have the same number of fields, three or more. */
  readonly regular: boolean;
  /** NULL written as `\N`: PostgreSQL's COPY and MySQL's OUTFILE. */
  readonly backslashNulls: boolean;
  /** UTF-16, or the `+|` and `&|` terminators of bcp: SQL Server. */
  readonly bcp: boolean;
}

const SEPARATORS = ["\t", "+|", "|", ";", ","];
const SAMPLE_ROWS = 200;
const MIN_FIELDS = 3;
const REGULAR_SHARE = 0.8;

export function readTable({ head, encoding, lines }: TextProbe): TableVerdict {
  const rows = lines.filter((line) => line !== "").slice(0, SAMPLE_ROWS);
  return {
    regular: rows.length >= 2 && SEPARATORS.some((separator) => isRegular(rows, separator)),
    backslashNulls: /(^|\t)\\N(\t|$)/m.test(head),
    bcp: encoding !== "utf-8" || /&\|\r?\n/.test(head),
  };
}

function isRegular(rows: readonly string[], separator: string): boolean {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const fields = splitRow(row, separator);
    counts.set(fields, (counts.get(fields) ?? 0) + 1);
  }
  const [fields, share] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return fields >= MIN_FIELDS && share >= REGULAR_SHARE * rows.length;
}

/** The number of fields; separators inside double quotes do not count (RFC 4180). */
function splitRow(row: string, separator: string): number {
  return row.replace(/"([^"]|"")*"/g, "").split(separator).length;
}

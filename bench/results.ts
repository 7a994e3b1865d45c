import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Level } from "../src/graph/plan";

/** What one coder made of one file. */
export interface Measurement {
  /** Folder of the corpus. */
  readonly format: string;
  readonly file: string;
  readonly coder: string;
  /** A level of our own coders, the settings of a peer. */
  readonly level: string;
  readonly params: string;
  readonly originalBytes: number;
  readonly compressedBytes: number;
  /** CPU seconds, user and system. Of a codec, reading and planning, but not the verification that it always does. */
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
  /** Of the whole process; not measured for peers. */
  readonly peakBytes?: number;
  /** Whether the file came back byte-identical. */
  readonly exact: boolean;
  readonly kind: "codec" | "kernel" | "peer";
}

/** What was run, so that its old rows are replaced even where a file is gone. */
export interface Scope {
  readonly formats: ReadonlySet<string>;
  readonly levels: ReadonlySet<Level>;
  readonly kinds: ReadonlySet<Measurement["kind"]>;
}

const COLUMNS = ["format", "file", "codec", "level", "params", "original_bytes", "compressed_bytes"] as const;
export const KERNEL_PREFIX = "kernel ";

/**
 * Puts sizes, which are the same on every machine, into the committed table: a change of ratio is then a line of a
 * diff. Rows outside the scope of this run stay; peers and speeds are not kept.
 */
export function updateResults(path: string, measurements: readonly Measurement[], scope: Scope): void {
  const kept = (existsSync(path) ? readRows(path) : []).filter((row) => !covers(scope, row));
  const fresh = measurements.filter(({ kind }) => kind !== "peer").map(rowOf);
  const lines = [...kept, ...fresh].map((row) => row.map(quoted).join(",")).sort();
  writeFileSync(path, `${[COLUMNS.join(","), ...lines].join("\n")}\n`);
}

function covers(scope: Scope, [format, , codec, level]: readonly string[]): boolean {
  const kind = codec!.startsWith(KERNEL_PREFIX) ? "kernel" : "codec";
  return scope.formats.has(format!) && scope.levels.has(level as Level) && scope.kinds.has(kind);
}

function rowOf(measurement: Measurement): string[] {
  const { format, file, coder, level, params, originalBytes, compressedBytes } = measurement;
  return [format, file, coder, level, params, String(originalBytes), String(compressedBytes)];
}

function readRows(path: string): string[][] {
  const [, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map(fieldsOf);
}

/** RFC 4180. */
function quoted(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function fieldsOf(line: string): string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g);
  return [...fields].map(([, quotedField, plain]) => plain ?? quotedField!.replaceAll('""', '"'));
}

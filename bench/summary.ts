import type { Measurement } from "./results";

/** What a coder with one setting made of the files of a format. */
export interface Total {
  readonly coder: string;
  readonly level: string;
  readonly kind: Measurement["kind"];
  readonly files: number;
  readonly originalBytes: number;
  readonly compressedBytes: number;
  /** Compressed through original bytes. */
  readonly ratio: number;
  /** 10^6 bytes of original per CPU second. */
  readonly encodeSpeed: number;
  readonly decodeSpeed: number;
  readonly peakBytes?: number;
  readonly exact: boolean;
}

/** Adds up by coder and setting, smallest first. */
export function totalsOf(measurements: readonly Measurement[]): Total[] {
  const groups = Map.groupBy(measurements, ({ coder, level }) => `${coder}\t${level}`);
  return [...groups.values()].map(total).sort((a, b) => b.files - a.files || a.compressedBytes - b.compressedBytes);
}

export function total(group: readonly Measurement[]): Total {
  const { coder, level, kind } = group[0]!;
  const sum = (value: (measurement: Measurement) => number) => group.reduce((all, one) => all + value(one), 0);
  const originalBytes = sum((one) => one.originalBytes);
  const compressedBytes = sum((one) => one.compressedBytes);
  const peaks = group.flatMap(({ peakBytes }) => peakBytes ?? []);
  return {
    coder,
    level,
    kind,
    files: group.length,
    originalBytes,
    compressedBytes,
    ratio: compressedBytes / originalBytes,
    encodeSpeed: originalBytes / 1e6 / sum((one) => one.encodeSeconds),
    decodeSpeed: originalBytes / 1e6 / sum((one) => one.decodeSeconds),
    ...(peaks.length > 0 ? { peakBytes: Math.max(...peaks) } : {}),
    exact: group.every((one) => one.exact),
  };
}

export function nameOf({ coder, level }: { coder: string; level: string }): string {
  return `${coder} ${level}`;
}

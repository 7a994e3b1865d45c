import { numberFormat } from "../../graph/transforms/number-format";

/** A SEG-Y file to be made. */
export interface TestSurvey {
  readonly code: number;
  readonly littleEndian?: boolean;
  /** Values of each trace; traces may differ in length. */
  readonly traces: readonly (readonly number[])[];
  readonly revision?: number;
  readonly extendedTexts?: number;
  /** `fixed` sets the flag for traces of one length, `each` writes lengths into trace headers, `none` neither. */
  readonly lengths?: "fixed" | "each" | "none";
  /** Written over the samples of trace 0 as they are. */
  readonly words?: readonly number[];
}

export const WIDTHS: Readonly<Record<number, number>> = {
  1: 4,
  2: 4,
  3: 2,
  4: 4,
  5: 4,
  6: 8,
  7: 3,
  8: 1,
  9: 8,
  10: 4,
  11: 2,
  12: 8,
  15: 3,
  16: 1,
};

export function makeSegy(survey: TestSurvey): Uint8Array {
  const { code, littleEndian = false, traces, revision = 1, extendedTexts = 0, lengths = "fixed" } = survey;
  const width = WIDTHS[code]!;
  const start = 3600 + 3200 * extendedTexts;
  const bytes = new Uint8Array(start + traces.reduce((sum, trace) => sum + 240 + trace.length * width, 0));
  const view = new DataView(bytes.buffer);
  bytes.fill(0x40, 0, 3200);
  bytes[0] = 0xc3;
  bytes.fill(0x40, 3600, start);
  view.setUint16(3216, 4000, littleEndian);
  view.setUint16(3220, traces[0]?.length ?? 0, littleEndian);
  view.setInt16(3224, code, littleEndian);
  if (revision === 2) view.setUint32(3296, 0x01020304, littleEndian);
  bytes[3500] = revision;
  view.setInt16(3502, lengths === "fixed" ? 1 : 0, littleEndian);
  view.setInt16(3504, extendedTexts, littleEndian);
  let at = start;
  for (const [i, trace] of traces.entries()) {
    for (let j = 0; j < 240; j++) bytes[at + j] = (i * 7 + j * 13) & 0xff;
    view.setUint32(at, i + 1, littleEndian);
    view.setUint16(at + 114, lengths === "none" ? 0 : trace.length, littleEndian);
    at += 240;
    for (const value of trace) {
      numberFormat(code)?.write(view, at, value, littleEndian);
      at += width;
    }
  }
  survey.words?.forEach((word, i) => {
    view.setUint32(start + 240 + 4 * i, word, littleEndian);
  });
  return bytes;
}

/** A decaying wave with some noise, which a seed makes. */
export function wave(length: number, amplitude: number, seed: number): number[] {
  let state = seed * 2654435761 + 1;
  return Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return amplitude * (Math.sin(i / 5 + seed) * Math.exp(-i / length) + 0.05 * (state / 2 ** 32 - 0.5));
  });
}

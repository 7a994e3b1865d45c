/** What a quality promises, as ratios of signal energy to error energy, 10^(dB / 10). */
export interface Promised {
  /** Over all samples of the file. */
  readonly file: number;
  /** Over those of any one trace: 6 dB less. */
  readonly trace: number;
}

/**
 * Written out, for a logarithm that differs in its last bit would give other bytes on another machine, and a
 * thousandth larger than promised, for readers who reckon in single precision.
 */
export const QUALITIES: Readonly<Record<string, Promised>> = {
  /** 60 dB, 54 dB */
  archive: { file: 1.001e6, trace: 1.001 * 251188.643150958 },
  /** 40 dB, 34 dB */
  balanced: { file: 1.001e4, trace: 1.001 * 2511.88643150958 },
  /** 28 dB, 22 dB */
  streaming: { file: 1.001 * 630.957344480193, trace: 1.001 * 158.489319246111 },
};

/** For people only; the ratios decide. Rounded down, to a hundredth. */
export function decibels(ratio: number): number {
  return Math.floor(1000 * Math.log10(ratio)) / 100;
}

/** What a quality promises, as ratios of signal energy to error energy, 10^(dB / 10). */
export interface Promised {
  /** Over all samples of the file. */
  readonly file: number;
  /** Over those of any one trace: 6 dB less. */
  readonly trace: number;
  /** Over those of any one window of a trace: so much that what is weak beside the rest of its trace survives. */
  readonly window: number;
}

/**
 * Written out, for a logarithm that differs in its last bit would give other bytes on another machine, and a
 * thousandth larger than promised, for readers who reckon in single precision.
 */
export const QUALITIES: Readonly<Record<string, Promised>> = {
  /** 60 dB, 54 dB, 20 dB */
  archive: { file: 1.001e6, trace: 1.001 * 251188.643150958, window: 1.001 * 100 },
  /** 40 dB, 34 dB, 6 dB */
  balanced: { file: 1.001e4, trace: 1.001 * 2511.88643150958, window: 1.001 * 3.981071705535 },
  /** 28 dB, 22 dB, 3 dB */
  streaming: { file: 1.001 * 630.957344480193, trace: 1.001 * 158.489319246111, window: 1.001 * 1.995262314969 },
};

/** About how many samples of a trace a window has. */
const WINDOW_SAMPLES = 256;

/** Windows so far below the file's mean square (120 dB) hold nothing but the rounding errors of earlier programs. */
export const SILENCE = 1e-12;

/** Samples of the windows of a trace: evenly cut, all but the last as long. */
export function windowOf(samples: number): number {
  return Math.ceil(samples / Math.max(1, Math.round(samples / WINDOW_SAMPLES)));
}

/** For people only; the ratios decide. Rounded down, to a hundredth. */
export function decibels(ratio: number): number {
  return Math.floor(1000 * Math.log10(ratio)) / 100;
}

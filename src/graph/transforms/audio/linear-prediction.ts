/** A predictor of FLAC: `floor(sum(weights[i] * sample[-1 - i]) / 2^shift)`. */
export interface Predictor {
  readonly weights: readonly number[];
  readonly shift: number;
  /** Bits of a weight as it is written; 0 for the fixed predictors, whose weights are not. */
  readonly precision: number;
}

/** Bits of a quantised weight. */
const PRECISION = 14;

const MAX_SHIFT = 15;

/** What is left of the samples; the first `weights.length` entries are unused. Null where 31 bits do not hold it. */
export function residualOf(samples: Int32Array, { weights, shift }: Predictor): Int32Array | null {
  const order = weights.length;
  const scale = 1 / 2 ** shift;
  const residual = new Int32Array(samples.length);
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let tap = 0; tap < order; tap++) sum += weights[tap]! * samples[i - 1 - tap]!;
    const rest = samples[i]! - Math.floor(sum * scale);
    if (rest >= 0x40000000 || rest < -0x40000000) return null;
    residual[i] = rest;
  }
  return residual;
}

/** Fits linear predictors by the autocorrelation method (Levinson and Durbin), in IEEE 754 `+ - * /` alone. */
export function linearPredictors(samples: Int32Array, orders: readonly number[]): Predictor[] {
  const largest = Math.max(0, ...orders);
  if (largest === 0 || samples.length <= 2 * largest) return [];
  const wanted = new Set(orders);
  const correlation = autocorrelate(window(samples), largest);
  const predictors: Predictor[] = [];
  let error = correlation[0]!;
  let weights: number[] = [];
  for (let order = 1; order <= largest && error > 0; order++) {
    let reflection = correlation[order]!;
    for (let i = 0; i < weights.length; i++) reflection -= weights[i]! * correlation[order - 1 - i]!;
    reflection /= error;
    const previous = weights;
    weights = previous.map((weight, i) => weight - reflection * previous[order - 2 - i]!);
    weights.push(reflection);
    error *= 1 - reflection * reflection;
    if (wanted.has(order)) predictors.push(...quantize(weights));
  }
  return predictors;
}

/** Welch's parabola: as good here as others, and free of transcendental functions. */
function window(samples: Int32Array): Float64Array {
  const centre = (samples.length - 1) / 2;
  const windowed = new Float64Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const x = (i - centre) / (centre + 1);
    windowed[i] = samples[i]! * (1 - x * x);
  }
  return windowed;
}

function autocorrelate(values: Float64Array, lags: number): Float64Array {
  const correlation = new Float64Array(lags + 1);
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
    correlation[lag] = sum;
  }
  return correlation;
}

/** Rounds weights to integers, each rounding error handed on to the next weight. */
function quantize(weights: readonly number[]): Predictor[] {
  let peak = 0;
  for (const weight of weights) peak = Math.max(peak, Math.abs(weight));
  const limit = 2 ** (PRECISION - 1);
  let shift = MAX_SHIFT;
  while (shift > 0 && peak * 2 ** shift >= limit - 1) shift--;
  if (!(peak * 2 ** shift < limit - 1)) return [];
  let error = 0;
  const rounded = weights.map((weight) => {
    const exact = weight * 2 ** shift + error;
    const whole = Math.max(-limit, Math.min(limit - 1, Math.floor(exact + 0.5)));
    error = exact - whole;
    return whole;
  });
  return [{ weights: rounded, shift, precision: PRECISION }];
}

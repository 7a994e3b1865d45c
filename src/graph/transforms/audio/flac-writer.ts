import { BitWriter } from "./bits";
import {
  crc8,
  crc16,
  FIXED_PREDICTORS,
  FLAC_RATES,
  FLAC_SAMPLE_SIZES,
  LEFT_SIDE,
  MID_SIDE,
  SIDE_RIGHT,
} from "./flac-format";
import { linearPredictors, type Predictor, residualOf } from "./linear-prediction";
import { type Partitions, planPartitions, writePartitions } from "./rice";

const MAX_FIXED_ORDER = FIXED_PREDICTORS.length - 1;

/** Samples of each channel in every frame but the last. */
export const FLAC_BLOCK = 4096;

export interface FlacSettings {
  readonly rate: number;
  /** 4 to 24. */
  readonly bits: number;
  /** Orders of linear prediction to try beside the fixed predictors. */
  readonly orders: readonly number[];
}

/**
 * Encodes samples as frames of {@link FLAC_BLOCK} (RFC 9639, section 9). The output depends on nothing but the
 * arguments: integers, and IEEE 754 `+ - * /` where predictors are fitted.
 * @param firstFrame the number of the first frame
 * @param onFrame called with each frame's length in bytes
 */
export function writeFlacFrames(
  planes: readonly Int32Array[],
  settings: FlacSettings,
  firstFrame: number,
  onFrame?: (bytes: number) => void,
): Uint8Array {
  const writer = new BitWriter();
  const count = planes[0]?.length ?? 0;
  for (let at = 0, number = firstFrame; at < count; at += FLAC_BLOCK, number++) {
    const start = writer.length;
    writeFrame(
      writer,
      planes.map((plane) => plane.subarray(at, at + FLAC_BLOCK)),
      settings,
      number,
    );
    onFrame?.(writer.length - start);
  }
  return writer.bytes;
}

function writeFrame(writer: BitWriter, planes: Int32Array[], settings: FlacSettings, number: number): void {
  const start = writer.length;
  const { assignment, channels } = decorrelate(planes);
  writeHeader(writer, planes[0]!.length, assignment, settings, number);
  writer.write(crc8(writer.bytes, start, writer.length), 8);
  for (const { samples, side } of channels)
    writeSubframe(writer, samples, settings.bits + (side ? 1 : 0), settings);
  writer.alignToByte();
  writer.write(crc16(writer.bytes, start, writer.length), 16);
}

function writeHeader(
  writer: BitWriter,
  count: number,
  assignment: number,
  { rate, bits }: FlacSettings,
  number: number,
): void {
  const rateCode = Math.max(0, FLAC_RATES.indexOf(rate));
  const bitsCode = Math.max(0, FLAC_SAMPLE_SIZES.indexOf(bits));
  writer.write(0xfff8, 16);
  writer.write(count === FLAC_BLOCK ? 12 : 7, 4);
  writer.write(rateCode, 4);
  writer.write(assignment, 4);
  writer.write(bitsCode << 1, 4);
  writeCodedNumber(writer, number);
  if (count !== FLAC_BLOCK) writer.write(count - 1, 16);
}

/** Numbers below 2^31 in the manner of UTF-8 (section 9.1.5). */
function writeCodedNumber(writer: BitWriter, number: number): void {
  if (number < 0x80) {
    writer.write(number, 8);
    return;
  }
  let following = 1;
  while (number >= 2 ** (5 * following + 6)) following++;
  writer.write(((0xff80 >> following) & 0xff) | (number >>> (6 * following)), 8);
  for (let i = following - 1; i >= 0; i--) writer.write(0x80 | ((number >>> (6 * i)) & 0x3f), 8);
}

interface Channel {
  samples: Int32Array;
  side: boolean;
}

/** Picks the stereo form whose second differences are smallest; other channel counts stay independent. */
function decorrelate(planes: Int32Array[]): { assignment: number; channels: Channel[] } {
  const independent = planes.map((samples) => ({ samples, side: false }));
  if (planes.length !== 2) return { assignment: planes.length - 1, channels: independent };
  const [left, right] = planes as [Int32Array, Int32Array];
  const mid = new Int32Array(left.length);
  const side = new Int32Array(left.length);
  for (let i = 0; i < left.length; i++) {
    mid[i] = (left[i]! + right[i]!) >> 1;
    side[i] = left[i]! - right[i]!;
  }
  const [l, r, m, s] = [left, right, mid, side].map(roughness) as [number, number, number, number];
  const best = Math.min(l + r, l + s, s + r, m + s);
  if (best === l + r) return { assignment: 1, channels: independent };
  const asSide = { samples: side, side: true };
  if (best === m + s) return { assignment: MID_SIDE, channels: [{ samples: mid, side: false }, asSide] };
  if (best === l + s) return { assignment: LEFT_SIDE, channels: [independent[0]!, asSide] };
  return { assignment: SIDE_RIGHT, channels: [asSide, independent[1]!] };
}

function roughness(samples: Int32Array): number {
  let sum = 0;
  for (let i = 2; i < samples.length; i++) sum += Math.abs(samples[i]! - 2 * samples[i - 1]! + samples[i - 2]!);
  return sum;
}

function writeSubframe(writer: BitWriter, channel: Int32Array, frameBits: number, settings: FlacSettings): void {
  const wasted = wastedBits(channel);
  const bits = frameBits - wasted;
  const samples = wasted === 0 ? channel : channel.map((value) => value >> wasted);
  const header = (type: number): void => {
    writer.write((type << 1) | (wasted > 0 ? 1 : 0), 8);
    if (wasted > 0) writer.writeUnary(wasted - 1);
  };
  if (samples.every((value) => value === samples[0])) {
    header(0);
    writer.write(samples[0]!, bits);
    return;
  }
  const best = bestPrediction(samples, bits, settings.orders);
  if (best === null) {
    header(1);
    for (const value of samples) writer.write(value, bits);
    return;
  }
  const { predictor, residual, partitions } = best;
  const order = predictor.weights.length;
  header(predictor.precision === 0 ? 8 + order : 31 + order);
  for (let i = 0; i < order; i++) writer.write(samples[i]!, bits);
  if (predictor.precision > 0) {
    writer.write(predictor.precision - 1, 4);
    writer.write(predictor.shift, 5);
    for (const weight of predictor.weights) writer.write(weight, predictor.precision);
  }
  writePartitions(writer, residual, order, partitions);
}

/** How many low bits are zero in every sample; 0 for silence. */
function wastedBits(samples: Int32Array): number {
  let union = 0;
  for (const value of samples) union |= value;
  return union === 0 ? 0 : 31 - Math.clz32(union & -union);
}

interface Prediction {
  predictor: Predictor;
  residual: Int32Array;
  partitions: Partitions;
}

/** The fixed predictor that leaves the smallest sum of magnitudes, the lowest order among equals. */
function fixedPredictor(samples: Int32Array): Predictor {
  const last = new Float64Array(MAX_FIXED_ORDER);
  const sums = new Float64Array(MAX_FIXED_ORDER + 1);
  for (let i = 0; i < samples.length; i++) {
    let difference = samples[i]!;
    for (let order = 0; order <= MAX_FIXED_ORDER; order++) {
      // The first samples have no complete history; every order leaves them out.
      if (i >= MAX_FIXED_ORDER) sums[order]! += Math.abs(difference);
      if (order === MAX_FIXED_ORDER) break;
      const next = difference - last[order]!;
      last[order] = difference;
      difference = next;
    }
  }
  const order = samples.length <= MAX_FIXED_ORDER ? 0 : sums.indexOf(Math.min(...sums));
  return { weights: FIXED_PREDICTORS[order]!, shift: 0, precision: 0 };
}

/** The cheapest predictor, or null where plain samples are no larger. */
function bestPrediction(samples: Int32Array, bits: number, orders: readonly number[]): Prediction | null {
  let best: Prediction | null = null;
  let bestCost = samples.length * bits;
  for (const predictor of [fixedPredictor(samples), ...linearPredictors(samples, orders)]) {
    const order = predictor.weights.length;
    const residual = residualOf(samples, predictor);
    if (residual === null) continue;
    const partitions = planPartitions(residual, order);
    const cost = partitions.cost + order * (bits + predictor.precision) + (predictor.precision > 0 ? 9 : 0);
    if (cost < bestCost) {
      best = { predictor, residual, partitions };
      bestCost = cost;
    }
  }
  return best;
}

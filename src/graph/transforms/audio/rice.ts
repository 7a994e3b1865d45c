import type { BitWriter } from "./bits";

/** How a residual is cut and coded (RFC 9639, section 9.2.7). */
export interface Partitions {
  /** The residual is cut into `2 ** order` partitions of equal size. */
  readonly order: number;
  /** The Rice parameter of each. */
  readonly parameters: readonly number[];
  /** An estimate of the coded size in bits. */
  readonly cost: number;
}

const MAX_PARTITION_ORDER = 8;
const MAX_PARAMETER = 30;
/** The largest parameter that four bits can say. */
const MAX_SHORT_PARAMETER = 14;

/** Finds the best cut of `residual`, of which the first `skip` entries are not coded. */
export function planPartitions(residual: Int32Array, skip: number): Partitions {
  let order = 0;
  while (
    order < MAX_PARTITION_ORDER &&
    (residual.length >> order) % 2 === 0 &&
    residual.length >> (order + 1) > skip
  )
    order++;
  let sums = partitionSums(residual, skip, order);
  let best = partitionsOf(sums, residual.length, skip, order);
  for (order--; order >= 0; order--) {
    const finer = sums;
    sums = Float64Array.from({ length: 1 << order }, (_, i) => finer[2 * i]! + finer[2 * i + 1]!);
    const candidate = partitionsOf(sums, residual.length, skip, order);
    if (candidate.cost < best.cost) best = candidate;
  }
  return best;
}

export function writePartitions(
  writer: BitWriter,
  residual: Int32Array,
  skip: number,
  partitions: Partitions,
): void {
  const long = partitions.parameters.some((parameter) => parameter > MAX_SHORT_PARAMETER);
  writer.write(long ? 1 : 0, 2);
  writer.write(partitions.order, 4);
  const size = residual.length >> partitions.order;
  let at = skip;
  for (const [index, parameter] of partitions.parameters.entries()) {
    writer.write(parameter, long ? 5 : 4);
    for (const end = (index + 1) * size; at < end; at++) {
      const folded = fold(residual[at]!);
      writer.writeUnary(folded >>> parameter);
      if (parameter > 0) writer.write(folded, parameter);
    }
  }
}

const SCALES = Float64Array.from({ length: MAX_PARAMETER + 1 }, (_, parameter) => 1 / 2 ** parameter);

function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function partitionSums(residual: Int32Array, skip: number, order: number): Float64Array {
  const sums = new Float64Array(1 << order);
  const size = residual.length >> order;
  for (let index = 0, at = skip; index < sums.length; index++) {
    let sum = 0;
    for (const end = (index + 1) * size; at < end; at++) sum += fold(residual[at]!);
    sums[index] = sum;
  }
  return sums;
}

function partitionsOf(sums: Float64Array, length: number, skip: number, order: number): Partitions {
  const size = length >> order;
  const parameters: number[] = [];
  let cost = 6;
  for (const [index, sum] of sums.entries()) {
    const count = index === 0 ? size - skip : size;
    // The best parameter is one of three around the logarithm of the mean.
    let parameter = Math.max(0, 30 - Math.clz32(sum / count));
    let bits = riceBits(sum, count, parameter);
    for (let next = bits; parameter < MAX_PARAMETER; parameter++, bits = next) {
      next = riceBits(sum, count, parameter + 1);
      if (next >= bits) break;
    }
    parameters.push(parameter);
    cost += 4 + bits;
  }
  return { order, parameters, cost };
}

/** An upper bound of the bits that `count` folded values of the given sum take. */
function riceBits(sum: number, count: number, parameter: number): number {
  return count * (parameter + 1) + Math.floor(sum * SCALES[parameter]!);
}

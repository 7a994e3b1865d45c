import { BitReader } from "./bits";
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

/** One decoded frame. */
export interface FlacFrame {
  /** The number of samples of each channel. */
  readonly blockSize: number;
  /** In Hz; 0 where the frame leaves it to the stream's header. */
  readonly rate: number;
  /** Bits of a sample; 0 where the frame leaves it to the stream's header. */
  readonly bits: number;
  readonly planes: Int32Array[];
  /** The offset of the first byte after the frame. */
  readonly end: number;
}

/** The largest sample size that is read: a side channel of it still fits 32 bits with room for prediction. */
export const MAX_FLAC_BITS = 24;

/**
 * Decodes the frame at `offset` (RFC 9639, section 9), both checksums checked.
 * @param streamBits the sample size of the stream's header, for frames that do not say
 * @throws RangeError what is wrong with the frame, or that it ends early
 */
export function readFlacFrame(bytes: Uint8Array, offset: number, streamBits: number): FlacFrame {
  const reader = new BitReader(bytes, offset);
  const header = readHeader(reader, bytes, offset);
  const bits = header.bits || streamBits;
  if (bits > MAX_FLAC_BITS) throw new RangeError(`samples of ${bits} bits`);
  const channels = header.assignment < LEFT_SIDE ? header.assignment + 1 : 2;
  const planes = Array.from({ length: channels }, (_, channel) => {
    const side = header.assignment === SIDE_RIGHT ? 0 : header.assignment >= LEFT_SIDE ? 1 : -1;
    return readSubframe(reader, header.blockSize, bits + (channel === side ? 1 : 0));
  });
  restoreStereo(planes, header.assignment);
  reader.alignToByte();
  const end = reader.byteOffset;
  if (reader.read(16) !== crc16(bytes, offset, end)) throw new RangeError("a frame's checksum is wrong");
  return { blockSize: header.blockSize, rate: header.rate, bits: header.bits, planes, end: end + 2 };
}

/** Whether a frame header, its checksum right, stands at `offset`. */
export function isFlacFrame(bytes: Uint8Array, offset: number): boolean {
  try {
    readHeader(new BitReader(bytes, offset), bytes, offset);
    return true;
  } catch {
    return false;
  }
}

interface FrameHeader {
  blockSize: number;
  rate: number;
  assignment: number;
  bits: number;
}

function readHeader(reader: BitReader, bytes: Uint8Array, offset: number): FrameHeader {
  if (reader.read(15) !== 0x7ffc) throw new RangeError("no frame where one is expected");
  reader.read(1);
  const sizeCode = reader.read(4);
  const rateCode = reader.read(4);
  const assignment = reader.read(4);
  const bitsCode = reader.read(3);
  if (reader.read(1) !== 0 || assignment > MID_SIDE || bitsCode === 3)
    throw new RangeError("a reserved frame header");
  skipCodedNumber(reader);
  const blockSize = readBlockSize(reader, sizeCode);
  const rate = readRate(reader, rateCode);
  const end = reader.byteOffset;
  if (reader.read(8) !== crc8(bytes, offset, end)) throw new RangeError("a frame header's checksum is wrong");
  return { blockSize, rate, assignment, bits: FLAC_SAMPLE_SIZES[bitsCode]! };
}

function skipCodedNumber(reader: BitReader): void {
  const first = reader.read(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones > 7) throw new RangeError("a malformed frame number");
  for (let i = 1; i < ones; i++) if (reader.read(8) >> 6 !== 2) throw new RangeError("a malformed frame number");
}

function readBlockSize(reader: BitReader, code: number): number {
  if (code === 0) throw new RangeError("a reserved block size");
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return reader.read(8) + 1;
  if (code === 7) return reader.read(16) + 1;
  return 1 << code;
}

function readRate(reader: BitReader, code: number): number {
  if (code === 12) return reader.read(8) * 1000;
  if (code === 13) return reader.read(16);
  if (code === 14) return reader.read(16) * 10;
  if (code === 15) throw new RangeError("a forbidden sampling rate");
  return FLAC_RATES[code]!;
}

function readSubframe(reader: BitReader, count: number, frameBits: number): Int32Array {
  if (reader.read(1) !== 0) throw new RangeError("a reserved subframe header");
  const type = reader.read(6);
  const wasted = reader.read(1) === 1 ? reader.readUnary() + 1 : 0;
  const bits = frameBits - wasted;
  if (bits < 1) throw new RangeError("more wasted bits than bits");
  const samples = new Int32Array(count);
  if (type === 0) samples.fill(reader.readSigned(bits));
  else if (type === 1) for (let i = 0; i < count; i++) samples[i] = reader.readSigned(bits);
  else if (type >= 8 && type <= 12) readFixed(reader, samples, type - 8, bits);
  else if (type >= 32) readLinear(reader, samples, type - 31, bits);
  else throw new RangeError("a reserved subframe type");
  if (wasted > 0) for (let i = 0; i < count; i++) samples[i]! <<= wasted;
  return samples;
}

function readFixed(reader: BitReader, samples: Int32Array, order: number, bits: number): void {
  readWarmUp(reader, samples, order, bits);
  readResidual(reader, samples, order);
  predict(samples, FIXED_PREDICTORS[order]!, 0);
}

function readLinear(reader: BitReader, samples: Int32Array, order: number, bits: number): void {
  readWarmUp(reader, samples, order, bits);
  const precision = reader.read(4) + 1;
  const shift = reader.readSigned(5);
  if (precision === 16 || shift < 0) throw new RangeError("a forbidden predictor");
  const weights = Array.from({ length: order }, () => reader.readSigned(precision));
  readResidual(reader, samples, order);
  predict(samples, weights, shift);
}

function readWarmUp(reader: BitReader, samples: Int32Array, order: number, bits: number): void {
  if (order > samples.length) throw new RangeError("a predictor longer than its block");
  for (let i = 0; i < order; i++) samples[i] = reader.readSigned(bits);
}

/** Turns residuals into samples in place, after `weights.length` samples to start from. */
function predict(samples: Int32Array, weights: readonly number[], shift: number): void {
  const order = weights.length;
  const scale = 1 / 2 ** shift;
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let tap = 0; tap < order; tap++) sum += weights[tap]! * samples[i - 1 - tap]!;
    samples[i]! += Math.floor(sum * scale);
  }
}

function readResidual(reader: BitReader, samples: Int32Array, order: number): void {
  const method = reader.read(2);
  if (method > 1) throw new RangeError("a reserved residual coding");
  const parameterBits = 4 + method;
  const escapeCode = (1 << parameterBits) - 1;
  const partitionOrder = reader.read(4);
  const size = samples.length >> partitionOrder;
  if (size << partitionOrder !== samples.length || size < order) throw new RangeError("an impossible partition");
  for (let at = order, end = size; end <= samples.length; end += size) {
    const parameter = reader.read(parameterBits);
    if (parameter === escapeCode) {
      const bits = reader.read(5);
      for (; at < end; at++) samples[at] = bits === 0 ? 0 : reader.readSigned(bits);
    } else {
      for (; at < end; at++) {
        const folded = (reader.readUnary() << parameter) | reader.read(parameter);
        samples[at] = (folded >>> 1) ^ -(folded & 1);
      }
    }
  }
}

function restoreStereo(planes: Int32Array[], assignment: number): void {
  if (assignment < LEFT_SIDE) return;
  const [first, second] = planes as [Int32Array, Int32Array];
  for (let i = 0; i < first.length; i++) {
    const a = first[i]!;
    const b = second[i]!;
    if (assignment === LEFT_SIDE) second[i] = a - b;
    else if (assignment === SIDE_RIGHT) first[i] = a + b;
    else {
      const twice = 2 * a + (b & 1);
      first[i] = (twice + b) >> 1;
      second[i] = (twice - b) >> 1;
    }
  }
}

/** How samples lie in the rows of a chunk. */
export interface RowShape {
  /** Samples of a row. */
  readonly samples: number;
  /** Samples of a pixel. */
  readonly channels: number;
  readonly sampleBytes: number;
  readonly bigEndian: boolean;
}

/** Tag 317 of TIFF 6.0 section 14, and technical note 3 for floating point. */
export const PREDICTORS = { none: 1, horizontal: 2, floating: 3 } as const;

/** Puts the differences that a predictor leaves in the place of samples. @throws Error for an unknown one */
export function applyPredictor(rows: Uint8Array, predictor: number, shape: RowShape): void {
  if (predictor === PREDICTORS.none) return;
  const rowBytes = shape.samples * shape.sampleBytes;
  for (let at = 0; at < rows.length; at += rowBytes) {
    const row = rows.subarray(at, at + rowBytes);
    if (predictor === PREDICTORS.horizontal) differ(row, shape);
    else if (predictor === PREDICTORS.floating) split(row, shape);
    else throw new Error(`there is no predictor ${predictor}`);
  }
}

/** The inverse of {@link applyPredictor}. */
export function undoPredictor(rows: Uint8Array, predictor: number, shape: RowShape): void {
  if (predictor === PREDICTORS.none) return;
  const rowBytes = shape.samples * shape.sampleBytes;
  for (let at = 0; at < rows.length; at += rowBytes) {
    const row = rows.subarray(at, at + rowBytes);
    if (predictor === PREDICTORS.horizontal) add(row, shape);
    else join(row, shape);
  }
}

function differ(row: Uint8Array, shape: RowShape): void {
  const { channels, sampleBytes } = shape;
  const [first, step] = significance(shape);
  const pixel = channels * sampleBytes;
  for (let at = row.length - sampleBytes; at >= pixel; at -= sampleBytes) {
    let borrow = 0;
    for (let i = 0, place = at + first; i < sampleBytes; i++, place += step) {
      const difference = row[place]! - row[place - pixel]! - borrow;
      borrow = difference < 0 ? 1 : 0;
      row[place] = difference;
    }
  }
}

function add(row: Uint8Array, shape: RowShape): void {
  const { channels, sampleBytes } = shape;
  const [first, step] = significance(shape);
  const pixel = channels * sampleBytes;
  for (let at = pixel; at + sampleBytes <= row.length; at += sampleBytes) {
    let carry = 0;
    for (let i = 0, place = at + first; i < sampleBytes; i++, place += step) {
      const sum = row[place]! + row[place - pixel]! + carry;
      carry = sum >> 8;
      row[place] = sum;
    }
  }
}

/** From a sample's least significant byte, and the way to the next. */
function significance({ sampleBytes, bigEndian }: RowShape): readonly [number, number] {
  return bigEndian ? [sampleBytes - 1, -1] : [0, 1];
}

/** Bytes of one significance after the other, the highest first, each less the one a pixel before. */
function split(row: Uint8Array, shape: RowShape): void {
  const { samples, channels, sampleBytes } = shape;
  const [first, step] = significance(shape);
  const before = row.slice();
  for (let plane = 0; plane < sampleBytes; plane++) {
    const from = first + step * (sampleBytes - 1 - plane);
    for (let i = 0; i < samples; i++) row[plane * samples + i] = before[i * sampleBytes + from]!;
  }
  for (let at = row.length - 1; at >= channels; at--) row[at] = row[at]! - row[at - channels]!;
}

function join(row: Uint8Array, shape: RowShape): void {
  const { samples, channels, sampleBytes } = shape;
  const [first, step] = significance(shape);
  for (let at = channels; at < row.length; at++) row[at] = row[at]! + row[at - channels]!;
  const before = row.slice();
  for (let plane = 0; plane < sampleBytes; plane++) {
    const to = first + step * (sampleBytes - 1 - plane);
    for (let i = 0; i < samples; i++) row[i * sampleBytes + to] = before[plane * samples + i]!;
  }
}

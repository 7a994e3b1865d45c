/** A way to store a number in bytes, as tables and traces of instruments do. Values are doubles. */
export interface NumberFormat {
  /** The code of SEG-Y revision 2.1, binary header bytes 3225-3226; `docs/format/transforms.md` lists them. */
  readonly code: number;
  /** Bytes of a number. */
  readonly width: number;
  /** The range of an integer format. */
  readonly integer?: { readonly min: number; readonly max: number };
  read(view: DataView, offset: number, littleEndian: boolean): number;
  /** Writes the nearest number that the format has; exact for what `read` gave, except unnormalised IBM words. */
  write(view: DataView, offset: number, value: number, littleEndian: boolean): void;
}

/** 2 to the power of an integer from -1022 to 1023, without a library function that might differ elsewhere. */
export function powerOfTwo(exponent: number): number {
  if (exponent < -1022 || exponent > 1023) throw new Error("an exponent is out of range");
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

const bits = new DataView(new ArrayBuffer(8));

/** The exponent of a positive double's leading bit. */
export function exponentOf(value: number): number {
  bits.setFloat64(0, value);
  const exponent = (bits.getUint32(0) >>> 20) & 0x7ff;
  return exponent === 0 ? -1022 : exponent - 1023;
}

/** 16^(characteristic - 64) divided by 2^24, by characteristic: IBM System/360 Principles of Operation, 1964. */
const IBM_SCALES = Float64Array.from({ length: 128 }, (_, characteristic) =>
  powerOfTwo(4 * (characteristic - 64) - 24),
);

const ibm: NumberFormat = {
  code: 1,
  width: 4,
  read(view, offset, littleEndian) {
    const word = view.getUint32(offset, littleEndian);
    const magnitude = (word & 0xffffff) * IBM_SCALES[(word >>> 24) & 0x7f]!;
    return word >= 0x80000000 ? -magnitude : magnitude;
  },
  write: (view, offset, value, littleEndian) => view.setUint32(offset, ibmWord(value), littleEndian),
};

/** The nearest normalised word; beyond the range the largest, below it an unnormalised one. */
function ibmWord(value: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude > 0)) return 0;
  const sign = value < 0 ? 0x80000000 : 0;
  let characteristic = Math.max(0, (exponentOf(magnitude) >> 2) + 65);
  if (characteristic > 127) return sign + 0x7fffffff;
  let fraction = Math.round(magnitude / IBM_SCALES[characteristic]!);
  if (fraction > 0xffffff) {
    fraction /= 16;
    characteristic++;
  }
  return characteristic > 127 ? sign + 0x7fffffff : sign + characteristic * 0x1000000 + fraction;
}

function integer(code: number, width: number, signed: boolean): NumberFormat {
  const min = signed ? -(2 ** (8 * width - 1)) : 0;
  const max = signed ? 2 ** (8 * width - 1) - 1 : 2 ** (8 * width) - 1;
  return { code, width, integer: { min, max }, ...accessors(width, signed) };
}

function accessors(width: number, signed: boolean): Pick<NumberFormat, "read" | "write"> {
  switch (width) {
    case 1:
      return {
        read: (view, offset) => (signed ? view.getInt8(offset) : view.getUint8(offset)),
        write: (view, offset, value) => view.setUint8(offset, value),
      };
    case 2:
      return {
        read: (view, offset, little) => (signed ? view.getInt16(offset, little) : view.getUint16(offset, little)),
        write: (view, offset, value, little) => view.setUint16(offset, value, little),
      };
    case 3:
      return { read: (view, offset, little) => read24(view, offset, signed, little), write: write24 };
    default:
      return {
        read: (view, offset, little) => (signed ? view.getInt32(offset, little) : view.getUint32(offset, little)),
        write: (view, offset, value, little) => view.setUint32(offset, value, little),
      };
  }
}

function read24(view: DataView, offset: number, signed: boolean, little: boolean): number {
  const middle = view.getUint8(offset + 1) << 8;
  const high = view.getUint8(little ? offset + 2 : offset) << 16;
  const word = high | middle | view.getUint8(little ? offset : offset + 2);
  return signed ? (word << 8) >> 8 : word;
}

function write24(view: DataView, offset: number, value: number, little: boolean): void {
  view.setUint8(little ? offset : offset + 2, value);
  view.setUint8(offset + 1, value >> 8);
  view.setUint8(little ? offset + 2 : offset, value >> 16);
}

const formats: readonly NumberFormat[] = [
  ibm,
  integer(2, 4, true),
  integer(3, 2, true),
  {
    code: 5,
    width: 4,
    read: (view, offset, little) => view.getFloat32(offset, little),
    write: (view, offset, value, little) => view.setFloat32(offset, value, little),
  },
  {
    code: 6,
    width: 8,
    read: (view, offset, little) => view.getFloat64(offset, little),
    write: (view, offset, value, little) => view.setFloat64(offset, value, little),
  },
  integer(7, 3, true),
  integer(8, 1, true),
  integer(10, 4, false),
  integer(11, 2, false),
  integer(15, 3, false),
  integer(16, 1, false),
];

/** The format of a SEG-Y code; undefined for those whose numbers a double cannot hold (4, 9, 12) and unknown ones. */
export function numberFormat(code: number): NumberFormat | undefined {
  return formats.find((format) => format.code === code);
}

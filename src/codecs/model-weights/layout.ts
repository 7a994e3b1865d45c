/** Floating-point element types whose mantissa may be shortened. */
export type FloatType = "F16" | "BF16" | "F32" | "F64";

/** Types of elements; those that are no {@link FloatType} stay exact. */
export type ElementType =
  | FloatType
  | "F8_E4M3"
  | "F8_E5M2"
  | "F8_E8M0"
  | "BOOL"
  | `${"I" | "U"}${8 | 16 | 32 | 64}`;

export interface ElementFormat {
  /** Bytes of an element. */
  readonly width: 1 | 2 | 4 | 8;
  /** Bits of the exponent, 0 for integers. */
  readonly exponent: number;
  /** Explicit mantissa bits of a floating-point type that may be shortened. */
  readonly mantissa?: number;
  readonly signed: boolean;
}

/**
 * IEEE 754-2019 section 3.4; bfloat16 is binary32 without its low 16 mantissa bits; the 8-bit types are those of
 * "FP8 Formats for Deep Learning" (Micikevicius et al., 2022). Scales of 8 bits have an exponent alone (OCP
 * Microscaling Formats 1.0, section 5.4.1), which is a number without sign.
 */
export const ELEMENTS: Readonly<Record<ElementType, ElementFormat>> = {
  F16: { width: 2, exponent: 5, mantissa: 10, signed: true },
  BF16: { width: 2, exponent: 8, mantissa: 7, signed: true },
  F32: { width: 4, exponent: 8, mantissa: 23, signed: true },
  F64: { width: 8, exponent: 11, mantissa: 52, signed: true },
  F8_E4M3: { width: 1, exponent: 4, signed: true },
  F8_E5M2: { width: 1, exponent: 5, signed: true },
  F8_E8M0: { width: 1, exponent: 0, signed: false },
  BOOL: { width: 1, exponent: 0, signed: false },
  I8: { width: 1, exponent: 0, signed: true },
  U8: { width: 1, exponent: 0, signed: false },
  I16: { width: 2, exponent: 0, signed: true },
  U16: { width: 2, exponent: 0, signed: false },
  I32: { width: 4, exponent: 0, signed: true },
  U32: { width: 4, exponent: 0, signed: false },
  I64: { width: 8, exponent: 0, signed: true },
  U64: { width: 8, exponent: 0, signed: false },
};

export function isElementType(type: unknown): type is ElementType {
  return typeof type === "string" && Object.hasOwn(ELEMENTS, type);
}

/** Whether elements of this type may be rounded. */
export function isFloat(type: ElementType | undefined): type is FloatType {
  return type !== undefined && ELEMENTS[type].mantissa !== undefined;
}

/** The elements of a tensor, or of a storage of tensors; any alignment. */
export interface Region {
  readonly offset: number;
  /** Bytes, a multiple of the element's width. */
  readonly length: number;
  readonly type: ElementType;
  readonly bigEndian: boolean;
}

/** A stored range whose CRC-32 stands elsewhere in the file. */
export interface Checksum {
  readonly offset: number;
  readonly length: number;
  /** Where the CRC-32 is kept, little-endian, after or before the range. */
  readonly at: readonly number[];
}

/** Where a weights file keeps its elements; all other bytes are none of ours. */
export interface Layout {
  /** Tensors, or storages of tensors, that are floating-point. */
  readonly tensors: number;
  /** In file order, without overlap. */
  readonly regions: readonly Region[];
  /** In file order, without overlap. */
  readonly checksums: readonly Checksum[];
}

export const NO_LAYOUT: Layout = { tensors: 0, regions: [], checksums: [] };

/** A claim of a file's directory: these bytes are elements of this type; `type` is absent for what nobody knows. */
export interface Claim {
  readonly offset: number;
  readonly length: number;
  readonly type?: ElementType;
  readonly bigEndian?: boolean;
}

/**
 * Sorts claims into regions. Ranges that overlap are one region where all agree on type and phase, and none where
 * they do not: bits that somebody reads in another way stay exact.
 */
export function regionsOf(claims: readonly Claim[]): Region[] {
  const sorted = claims.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset);
  const regions: Region[] = [];
  for (let i = 0; i < sorted.length; ) {
    const first = sorted[i]!;
    let end = first.offset + first.length;
    let agreed = first.type !== undefined;
    for (i++; i < sorted.length && sorted[i]!.offset < end; i++) {
      const claim = sorted[i]!;
      agreed &&= sameElements(first, claim);
      end = Math.max(end, claim.offset + claim.length);
    }
    const { offset, type, bigEndian = false } = first;
    if (agreed) regions.push({ offset, length: end - offset, type: type!, bigEndian });
  }
  return regions;
}

function sameElements(a: Claim, b: Claim): boolean {
  return (
    a.type !== undefined &&
    a.type === b.type &&
    a.bigEndian === b.bigEndian &&
    (b.offset - a.offset) % ELEMENTS[a.type].width === 0
  );
}

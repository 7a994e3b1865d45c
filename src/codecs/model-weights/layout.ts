/** Floating-point element types whose mantissa may be shortened. */
export type FloatType = "F16" | "BF16" | "F32" | "F64";

export interface FloatFormat {
  /** Bytes of an element. */
  readonly width: 2 | 4 | 8;
  /** Explicit mantissa bits. */
  readonly mantissa: number;
}

/** IEEE 754-2019 section 3.4; bfloat16 is binary32 without its low 16 mantissa bits. */
export const FLOATS: Readonly<Record<FloatType, FloatFormat>> = {
  F16: { width: 2, mantissa: 10 },
  BF16: { width: 2, mantissa: 7 },
  F32: { width: 4, mantissa: 23 },
  F64: { width: 8, mantissa: 52 },
};

/** A run of floating-point elements of one type; any alignment. */
export interface Region {
  readonly offset: number;
  /** Bytes, a multiple of the element's width. */
  readonly length: number;
  readonly type: FloatType;
  readonly bigEndian: boolean;
}

/** A stored range whose CRC-32 stands elsewhere in the file. */
export interface Checksum {
  readonly offset: number;
  readonly length: number;
  /** Where the CRC-32 is kept, little-endian, after or before the range. */
  readonly at: readonly number[];
}

/** Where a weights file keeps its floating-point elements; all other bytes are none of ours. */
export interface Layout {
  /** Tensors, or storages of tensors, that are floating-point. */
  readonly tensors: number;
  /** In file order, without overlap; neighbours of one type are joined. */
  readonly regions: readonly Region[];
  /** In file order, without overlap. */
  readonly checksums: readonly Checksum[];
}

export const NO_LAYOUT: Layout = { tensors: 0, regions: [], checksums: [] };

/** A claim of a file's directory: these bytes are elements of this type; `type` is absent for what stays exact. */
export interface Claim {
  readonly offset: number;
  readonly length: number;
  readonly type?: FloatType;
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
    if (agreed) append(regions, first, end);
  }
  return regions;
}

function sameElements(a: Claim, b: Claim): boolean {
  return (
    a.type !== undefined &&
    a.type === b.type &&
    a.bigEndian === b.bigEndian &&
    (b.offset - a.offset) % FLOATS[a.type].width === 0
  );
}

function append(regions: Region[], first: Claim, end: number): void {
  const { offset, type, bigEndian = false } = first;
  const last = regions.at(-1);
  const joins = last && last.offset + last.length === offset && last.type === type && last.bigEndian === bigEndian;
  if (joins) regions[regions.length - 1] = { ...last, length: end - last.offset };
  else regions.push({ offset, length: end - offset, type: type!, bigEndian });
}

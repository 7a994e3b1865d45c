/** A column of a binary table, FITS Standard 4.0 section 7.3. */
export interface Column {
  /** Of a row. */
  readonly bytes: number;
  /** Numbers, of which a row has `bytes / sampleBytes`; characters, bits and bytes have none. */
  readonly number?: ColumnNumber;
}

export interface ColumnNumber {
  readonly sampleBytes: number;
  readonly floating: boolean;
}

/** Table 18 of the standard: bytes of an element. Bits come in whole bytes. */
const ELEMENT_BYTES: Readonly<Record<string, number | undefined>> = {
  ...{ L: 1, B: 1, I: 2, J: 4, K: 8, A: 1, E: 4, D: 8, C: 8, M: 16, P: 8, Q: 16 },
};

/** What an element is made of: complex numbers are pairs, array descriptors are pairs of integers. */
const NUMBERS: Readonly<Record<string, ColumnNumber | undefined>> = {
  I: { sampleBytes: 2, floating: false },
  J: { sampleBytes: 4, floating: false },
  K: { sampleBytes: 8, floating: false },
  E: { sampleBytes: 4, floating: true },
  D: { sampleBytes: 8, floating: true },
  C: { sampleBytes: 4, floating: true },
  M: { sampleBytes: 8, floating: true },
  P: { sampleBytes: 4, floating: false },
  Q: { sampleBytes: 8, floating: false },
};

/** The columns by their TFORM values, those of no width left out; undefined where one cannot be read. */
export function readColumns(forms: readonly (string | undefined)[]): Column[] | undefined {
  const columns: Column[] = [];
  for (const form of forms) {
    const [, repeat, type] = /^'(\d*)([A-Z])/.exec(form ?? "") ?? [];
    const count = repeat === "" ? 1 : Number(repeat);
    const element = type === "X" ? 1 / 8 : ELEMENT_BYTES[type ?? ""];
    if (element === undefined || !Number.isSafeInteger(count)) return undefined;
    const bytes = Math.ceil(count * element);
    if (bytes > 0) columns.push({ bytes, number: NUMBERS[type!] });
  }
  return columns;
}

/** Bytes of a record of each point data record format, extra bytes left out (ASPRS LAS 1.4 R15, tables 7 to 17). */
const CORE_BYTES = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/** Whether the model `points` knows records of such a format and length in bytes. */
export function isPointRecord(format: number, recordBytes: number): boolean {
  const core = CORE_BYTES[format];
  return core !== undefined && recordBytes >= core;
}

/** Parameters of the model `points`: the format, and the length of a record, at most 65535. */
export function pointsParams(format: number, recordBytes: number): Uint8Array {
  return Uint8Array.of(format, recordBytes & 0xff, recordBytes >> 8);
}

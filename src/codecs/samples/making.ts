import type { CodecName } from "../codec";
import { bytesOf, joinBytes } from "../testing";

export interface Sample {
  readonly codec: CodecName;
  readonly format: string;
  /** A file name as users have it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function sample(codec: CodecName, format: string, name: string, content: Uint8Array | string): Sample {
  return { codec, format, name, bytes: typeof content === "string" ? bytesOf(content) : content };
}

export type Field = readonly [size: 1 | 2 | 4 | 8, value: number];

/** Integers in one byte order. */
export function pack(littleEndian: boolean, ...fields: readonly (Field | string | Uint8Array)[]): Uint8Array {
  return joinBytes(
    ...fields.map((field) => {
      if (typeof field === "string") return bytesOf(field);
      if (field instanceof Uint8Array) return field;
      const [size, value] = field;
      const view = new DataView(new ArrayBuffer(size));
      if (size === 1) view.setUint8(0, value);
      if (size === 2) view.setUint16(0, value, littleEndian);
      if (size === 4) view.setUint32(0, value, littleEndian);
      if (size === 8) view.setBigUint64(0, BigInt(value), littleEndian);
      return new Uint8Array(view.buffer);
    }),
  );
}

export const little = (...fields: (Field | string | Uint8Array)[]) => pack(true, ...fields);
export const big = (...fields: (Field | string | Uint8Array)[]) => pack(false, ...fields);

export function utf16(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
}

import { crc32 } from "node:zlib";

/** A tensor of a safetensors file to be made. */
export interface TestTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A safetensors file of these tensors, in order, without gaps. */
export function makeSafetensors(tensors: Readonly<Record<string, TestTensor>>, padding = 0): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, (at += data.length)] };
  }
  return withHeader(
    JSON.stringify(header) + " ".repeat(padding),
    Object.values(tensors).map(({ data }) => data),
  );
}

export function withHeader(json: string, data: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return join(length, text, ...data);
}

export function join(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(new Float32Array(values).buffer);
}

export function latin1Bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A pickle of a list of storages, as persistent ids of torch. */
export function makePickle(storages: readonly { cls: string; key: string; elements: number }[]): Uint8Array {
  const text = (value: string) => `X${u32(value.length)}${value}`;
  const ids = storages.map(({ cls, key, elements }) => {
    return `(${text("storage")}ctorch\n${cls}\n${text(key)}${text("cpu")}J${u32(elements)}tQ`;
  });
  return latin1Bytes(`\x80\x02](${ids.join("")}e.`);
}

function u32(value: number): string {
  return String.fromCharCode(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}

export interface ZipOptions {
  /** CRC-32 behind the data instead of before it, with or without signature. */
  readonly descriptor?: "signed" | "plain";
  /** Sizes and offsets in zip64 fields. */
  readonly zip64?: boolean;
}

/** A zip of stored members, each at a multiple of 64 bytes as torch lays them. */
export function makeZip(members: Readonly<Record<string, Uint8Array>>, options: ZipOptions = {}): Uint8Array {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  const put = (piece: Uint8Array) => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const [name, data] of Object.entries(members)) {
    const offset = at;
    const crc = crc32(data);
    const flags = options.descriptor ? 8 : 0;
    const pad = (64 - ((at + 30 + name.length + 4) % 64)) % 64;
    const extra = join(numbers([0x4246, 2], [pad, 2]), new Uint8Array(pad).fill(0x5a));
    const crcHere = options.descriptor ? 0 : crc;
    const size = options.descriptor ? 0 : data.length;
    put(
      numbers(
        [0x04034b50, 4],
        [20, 2],
        [flags, 2],
        [0, 2],
        [0, 4],
        [crcHere, 4],
        [size, 4],
        [size, 4],
        [name.length, 2],
        [extra.length, 2],
      ),
    );
    put(latin1Bytes(name));
    put(extra);
    put(data);
    if (options.descriptor === "signed") put(numbers([0x08074b50, 4]));
    if (options.descriptor) put(numbers([crc, 4], [data.length, 4], [data.length, 4]));
    const wide = options.zip64
      ? numbers([1, 2], [24, 2], [data.length, 8], [data.length, 8], [offset, 8])
      : new Uint8Array();
    const narrow = (value: number) => (options.zip64 ? 0xffffffff : value);
    directory.push(
      numbers([0x02014b50, 4], [20, 2], [20, 2], [flags, 2], [0, 2], [0, 4], [crc, 4]),
      numbers([narrow(data.length), 4], [narrow(data.length), 4], [name.length, 2], [wide.length, 2]),
      numbers([0, 2], [0, 2], [0, 2], [0, 4], [narrow(offset), 4]),
      latin1Bytes(name),
      wide,
    );
  }
  const start = at;
  const list = join(...directory);
  put(list);
  const count = Object.keys(members).length;
  if (options.zip64) {
    const record = at;
    put(
      numbers(
        [0x06064b50, 4],
        [44, 8],
        [45, 2],
        [45, 2],
        [0, 4],
        [0, 4],
        [count, 8],
        [count, 8],
        [list.length, 8],
        [start, 8],
      ),
    );
    put(numbers([0x07064b50, 4], [0, 4], [record, 8], [1, 4]));
  }
  const there = options.zip64 ? 0xffffffff : start;
  put(numbers([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [list.length, 4], [there, 4], [0, 2]));
  return join(...pieces);
}

/** Little-endian integers: value and bytes of each. */
export function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([value, bytes]) => Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256)),
  );
}

/** Members of a zip by its central directory, each checked against its CRC-32 there, as an extractor would. */
export function readZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, Uint8Array>();
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const nameLength = view.getUint16(at + 28, true);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString("latin1");
    const wide = view.getUint32(at + 42, true) === 0xffffffff;
    const extra = at + 46 + nameLength;
    const length = wide ? Number(view.getBigUint64(extra + 4, true)) : view.getUint32(at + 24, true);
    const header = wide ? Number(view.getBigUint64(extra + 20, true)) : view.getUint32(at + 42, true);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const data = bytes.subarray(start, start + length);
    const stated = [view.getUint32(at + 16, true)];
    if (!(view.getUint16(header + 6, true) & 8)) stated.push(view.getUint32(header + 14, true));
    else
      stated.push(
        view.getUint32(start + length + (view.getUint32(start + length, true) === 0x08074b50 ? 4 : 0), true),
      );
    if (stated.some((crc) => crc !== crc32(data))) throw new Error(`bad CRC-32 for ${name}`);
    members.set(name, data);
  }
  return members;
}

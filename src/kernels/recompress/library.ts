import { readFileSync } from "node:fs";
import binary from "../../../wasm/dist/recompress.wasm" with { type: "file" };

/** The models of the module `recompress` by number (wasm/modules/recompress). */
export const DEFLATE = 1;

/** The functions of the ABI (wasm/crates/abi). */
interface Exports {
  readonly memory: WebAssembly.Memory;
  alloc(length: number): number;
  free(at: number, length: number): void;
  output(): number;
  output_length(): number;
  encode(model: number, input: number, length: number, params: number, paramsLength: number): number;
  decode(model: number, input: number, length: number, params: number, paramsLength: number, limit: number): number;
}

/** A module's memory never shrinks: beyond this, the instance is dropped after its work. */
const MAX_KEPT_BYTES = 64 << 20;

let compiled: WebAssembly.Module | undefined;
let current: Exports | undefined;

/** @throws Error when the module refuses the input, stops on it or has too little memory for it */
export function encode(model: number, input: Uint8Array, params: Uint8Array): Uint8Array<ArrayBuffer> {
  return call([input, params], (library, [input, params]) => library.encode(model, ...input!, ...params!));
}

/** @throws Error as {@link encode}, and when the output is longer than `limit` bytes */
export function decode(
  model: number,
  payload: Uint8Array,
  params: Uint8Array,
  limit: number,
): Uint8Array<ArrayBuffer> {
  return call([payload, params], (library, [payload, params]) =>
    library.decode(model, ...payload!, ...params!, limit),
  );
}

type Placed = readonly [at: number, length: number];

function call(
  buffers: readonly Uint8Array[],
  work: (library: Exports, placed: Placed[]) => number,
): Uint8Array<ArrayBuffer> {
  const library = instance();
  // Unless the call ends well, nobody knows in what state it left the instance.
  current = undefined;
  const placed = buffers.map((bytes) => place(library, bytes));
  const status = work(library, placed);
  const output = new Uint8Array(library.memory.buffer, library.output(), library.output_length()).slice();
  for (const [at, length] of placed) library.free(at, length);
  if (library.memory.buffer.byteLength <= MAX_KEPT_BYTES) current = library;
  if (status !== 0) throw new Error(`the module answers with status ${status}`);
  return output;
}

function place(library: Exports, bytes: Uint8Array): Placed {
  const at = library.alloc(bytes.length);
  if (at === 0) throw new Error(`the module has no memory for ${bytes.length} bytes`);
  new Uint8Array(library.memory.buffer, at, bytes.length).set(bytes);
  return [at, bytes.length];
}

function instance(): Exports {
  compiled ??= new WebAssembly.Module(readFileSync(binary));
  return current ?? (new WebAssembly.Instance(compiled).exports as unknown as Exports);
}

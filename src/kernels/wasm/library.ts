import { readFileSync } from "node:fs";

/** The functions of the ABI (`wasm/crates/abi`). */
interface Exports {
  readonly memory: WebAssembly.Memory;
  alloc(length: number): number;
  free(at: number, length: number): void;
  output(): number;
  output_length(): number;
  encode(model: number, input: number, length: number, params: number, paramsLength: number): number;
  decode(model: number, input: number, length: number, params: number, paramsLength: number, limit: number): number;
}

/** What a status of the ABI means; 0 is success. */
const FAULTS: Record<number, string> = {
  1: "the module has no such model",
  2: "the payload is damaged",
  3: "the model cannot take this input",
};

/** A module's memory never shrinks: an instance that is larger after a call is dropped unless it is worth more. */
const KEPT_BYTES = 32 << 20;

/** What a module's allocator may take beyond what it is asked for. */
const SLACK_BYTES = 128 << 10;

type Placed = readonly [at: number, length: number];

/** The models of one WebAssembly module: compiled once a thread, instantiated anew where memory or doubt asks for it. */
export class WasmLibrary {
  #compiled: WebAssembly.Module | undefined;
  #idle: Exports | undefined;
  /** The largest memory that an instance has had. */
  #mostBytes = 0;

  /**
   * @param path of the module's file, as `import x from "x.wasm" with { type: "file" }` gives it
   * @param keptBytes the largest memory of an instance that is kept for the next call
   * @param reservedBytes the most that a new instance begins with; where calls differ much in what they need, no more
   * than `keptBytes`, or no instance were kept after a large call
   */
  constructor(
    readonly path: string,
    readonly keptBytes = KEPT_BYTES,
    readonly reservedBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** @throws Error when the model refuses the input, stops on it or has too little memory for it */
  encode(model: number, input: Uint8Array, params: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#call(input, params, (instance, at, from) => instance.encode(model, ...at, ...from));
  }

  /**
   * Gives exactly `length` bytes.
   * @throws Error when the payload is not what the model's encoder writes
   */
  decode(model: number, payload: Uint8Array, params: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const output = this.decodeAtMost(model, payload, params, length);
    if (output.length !== length) throw new Error(`the model gave ${output.length} bytes for ${length}`);
    return output;
  }

  /**
   * Gives what there is, up to `limit` bytes.
   * @throws Error when the payload is not what the model's encoder writes, or stands for more
   */
  decodeAtMost(model: number, payload: Uint8Array, params: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
    return this.#call(payload, params, (instance, at, from) => instance.decode(model, ...at, ...from, limit));
  }

  #call(
    input: Uint8Array,
    params: Uint8Array,
    work: (instance: Exports, input: Placed, params: Placed) => number,
  ): Uint8Array<ArrayBuffer> {
    const instance = this.#idle ?? this.#instantiate();
    // A call that traps leaves an instance in a state that nobody knows.
    this.#idle = undefined;
    const placed = [place(instance, input), place(instance, params)] as const;
    const status = work(instance, ...placed);
    // The memory may have grown, which detaches every earlier view.
    const output = new Uint8Array(instance.memory.buffer, instance.output(), instance.output_length()).slice();
    for (const [at, length] of placed) instance.free(at, length);
    this.#mostBytes = Math.max(this.#mostBytes, instance.memory.buffer.byteLength);
    if (instance.memory.buffer.byteLength <= this.keptBytes) this.#idle = instance;
    if (status !== 0) throw new Error(FAULTS[status] ?? `the module answers with status ${status}`);
    return output;
  }

  #instantiate(): Exports {
    this.#compiled ??= new WebAssembly.Module(readFileSync(this.path));
    const instance = new WebAssembly.Instance(this.#compiled).exports as unknown as Exports;
    reserve(instance, Math.min(this.#mostBytes, this.reservedBytes));
    return instance;
  }
}

/**
 * Lets the memory grow to `bytes` in one step. The runtime gives a process's first eight memories room to grow where they
 * are; any other one is copied whole each time that it grows, which took longer than all else that large models do.
 * What is reserved takes no memory until it is used.
 */
function reserve(instance: Exports, bytes: number): void {
  const missing = bytes - SLACK_BYTES - instance.memory.buffer.byteLength;
  if (missing <= 0) return;
  const at = instance.alloc(missing);
  // Without so much in one piece, the memory grows as it is used.
  if (at !== 0) instance.free(at, missing);
}

function place(instance: Exports, bytes: Uint8Array): Placed {
  const at = instance.alloc(bytes.length);
  if (at === 0) throw new Error(`the module has no memory for ${bytes.length} bytes`);
  new Uint8Array(instance.memory.buffer).set(bytes, at);
  return [at, bytes.length];
}

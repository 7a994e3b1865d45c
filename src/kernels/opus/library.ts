import { readFileSync } from "node:fs";
import binary from "./libopus-1.6.1.wasm" with { type: "file" };

/**
 * libopus 1.6.1 compiled to WebAssembly, out of the package `libopus-wasm` 0.2.0 by `scripts/vendor-opus.ts`. The
 * bytes are fixed for ever, because the decoder's output is part of the archive format.
 */
export interface Library {
  createEncoder(rate: number, channels: number, application: number, error: number): number;
  destroyEncoder(encoder: number): void;
  encodeFloat(encoder: number, samples: number, frameSize: number, packet: number, limit: number): number;
  control(encoder: number, request: number, value: number): number;
  lookahead(encoder: number): number;
  createDecoder(rate: number, channels: number, error: number): number;
  destroyDecoder(decoder: number): void;
  /** `packet` 0 conceals a loss. */
  decodeFloat(
    decoder: number,
    packet: number,
    bytes: number,
    samples: number,
    frameSize: number,
    errorCorrection: number,
  ): number;
  allocate(bytes: number): number;
  release(address: number): void;
  /** The memory's views are made anew each time, since the memory grows. */
  bytes(address: number, length: number): Uint8Array;
  floats(address: number, length: number): Float32Array;
}

let current: Library | undefined;

/** The instance of this thread. */
export function library(): Library {
  current ??= instantiate();
  return current;
}

/** Drops the instance after a failure; the next call gets a new one. */
export function discardLibrary(): void {
  current = undefined;
}

function instantiate(): Library {
  const module = new WebAssembly.Module(readFileSync(binary));
  const stop = (): never => {
    throw new Error("libopus ended itself");
  };
  const grow = (wanted: number): number => {
    const missing = (wanted >>> 0) - memory.buffer.byteLength;
    try {
      memory.grow(Math.ceil(missing / 65536));
      return 1;
    } catch {
      return 0;
    }
  };
  // The names are those that the package's build gave: timers and output, none of which a codec needs, and memory.
  const nothing = (): number => 0;
  const imports = { a: { a: nothing, b: grow, c: stop, d: nothing, e: nothing, f: stop } };
  const exported = new WebAssembly.Instance(module, imports).exports as Record<string, WebAssembly.ExportValue>;
  const memory = exported.g as WebAssembly.Memory;
  const call = (name: string) => exported[name] as (...values: number[]) => number;
  call("h")();
  return {
    createEncoder: call("i"),
    destroyEncoder: call("j"),
    encodeFloat: call("l"),
    control: call("m"),
    lookahead: call("o"),
    createDecoder: call("q"),
    destroyDecoder: call("r"),
    decodeFloat: call("t"),
    allocate: call("E"),
    release: call("F"),
    bytes: (address, length) => new Uint8Array(memory.buffer, address, length),
    floats: (address, length) => new Float32Array(memory.buffer, address, length),
  };
}

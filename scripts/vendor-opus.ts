/**
 * Takes libopus out of the package `libopus-wasm`, where it is wrapped in an asynchronous loader, and writes it to
 * `src/kernels/opus`. Its decoder is part of the archive format, so the file is kept here and changes never: a newer
 * libopus is a second file and a new version of the transforms that use it.
 */
import { join } from "node:path";

const target = join(import.meta.dir, "../src/kernels/opus/libopus-1.6.1.wasm");
const instantiate = WebAssembly.instantiate;
WebAssembly.instantiate = (async (binary: BufferSource, imports: WebAssembly.Imports) => {
  await Bun.write(target, binary as Uint8Array<ArrayBuffer>);
  return instantiate(binary, imports);
}) as unknown as typeof WebAssembly.instantiate;
const { loadLibopus } = await import("libopus-wasm");
console.log((await loadLibopus()).version);

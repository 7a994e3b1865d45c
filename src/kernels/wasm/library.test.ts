import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WasmLibrary } from "./library";

const dist = join(import.meta.dir, "../../../wasm/dist");
const modules = readdirSync(dist).filter((name) => name.endsWith(".wasm"));
const MOST_PAGES = (512 << 20) / 65536;

test.each(modules)("an instance of %s grows to 512 MiB and not further", (name) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(dist, name))));
  const memory = exports.memory as WebAssembly.Memory;
  const pages = memory.buffer.byteLength / 65536;
  expect(() => memory.grow(MOST_PAGES - pages + 1)).toThrow(RangeError);
  expect(memory.grow(1)).toBe(pages);
});

test("work that needs more memory than an instance may have fails, and the library lives on", () => {
  const library = new WasmLibrary(join(dist, "balanced.wasm"));
  const tooLong = new Uint8Array(512 << 20);
  expect(() => library.encode(1, tooLong, new Uint8Array(0))).toThrow(`no memory for ${tooLong.length} bytes`);
  const text = new TextEncoder().encode("to be or not to be");
  const payload = library.encode(1, text, new Uint8Array(0));
  expect(library.decode(1, payload, new Uint8Array(0), text.length)).toEqual(new Uint8Array(text));
});

test("instances that are made anew, with as much memory as the last one, give the same", () => {
  const library = new WasmLibrary(join(dist, "balanced.wasm"), 0);
  const text = new TextEncoder().encode("to be or not to be, ".repeat(5000));
  const first = library.encode(1, text, new Uint8Array(0));
  for (const round of [1, 2, 3]) {
    expect(library.encode(1, text, new Uint8Array(0)), `round ${round}`).toEqual(first);
    expect(library.decode(1, first, new Uint8Array(0), text.length)).toEqual(new Uint8Array(text));
  }
});

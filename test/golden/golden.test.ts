import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ArchiveReader } from "../../src/archive/reader";
import { Engine } from "../../src/graph/engine";
import { MemorySource } from "../../src/graph/source";
import { unpack } from "../../src/vault/unpack";

/**
 * Archives as earlier releases wrote them, never to be made anew: each must decode for ever to the file of the same
 * name beside it.
 */
let engine: Engine;
beforeAll(() => {
  engine = new Engine();
});
afterAll(() => engine.close());

const versions = readdirSync(import.meta.dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(versions.map(({ name }) => name))("archives of format %s", (version) => {
  const directory = join(import.meta.dir, version);
  const files = readdirSync(directory);
  const archives = files.filter((file) => file.endsWith(".smz"));

  test.each(archives)("%s", async (file) => {
    const original = files.find((other) => other !== file && other.startsWith(file.replace(/smz$/, "")))!;
    const archive = await ArchiveReader.open(new MemorySource(readFileSync(join(directory, file))));
    const chunks: Uint8Array[] = [];
    for await (const chunk of unpack(engine, archive)) chunks.push(chunk);
    expect(Buffer.compare(Buffer.concat(chunks), readFileSync(join(directory, original)))).toBe(0);
  });
});

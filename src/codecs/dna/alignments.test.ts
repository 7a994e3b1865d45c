import { describe, expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import { BLOCK_HEADER } from "../../graph/transforms/bgzf";
import { deflateWith, libdeflate, zlib } from "../../kernels/recompress/deflaters";
import { joinBytes, noise, render } from "../testing";
import { dna } from ".";

/** A block of BGZF around a deflate stream. */
function block(plain: Uint8Array, stream: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(18 + stream.length + 8);
  bytes.set(BLOCK_HEADER);
  bytes.writeUInt16LE(bytes.length - 1, 16);
  bytes.set(stream, 18);
  bytes.writeUInt32LE(Number(Bun.hash.crc32(plain)), bytes.length - 8);
  bytes.writeUInt32LE(plain.length, bytes.length - 4);
  return new Uint8Array(bytes);
}

function blocks(
  content: Uint8Array,
  size: number,
  deflate: (plain: Uint8Array, index: number) => Uint8Array,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += size) {
    const plain = content.slice(at, at + size);
    pieces.push(block(plain, deflate(plain, pieces.length)));
  }
  return joinBytes(...pieces, block(new Uint8Array(0), Uint8Array.of(3, 0)));
}

/** A header with one reference and unmapped reads of eight bases. */
function bam(records: number): Uint8Array {
  const header = Buffer.from("BAM\x01\x03\0\0\0@HD\x01\0\0\0\x02\0\0\0c\0\x64\0\0\0", "latin1");
  const record = (index: number) => {
    const bytes = Buffer.alloc(36 + 6 + 4 + 8 + 4);
    bytes.writeInt32LE(bytes.length - 4, 0);
    bytes.fill(255, 4, 12);
    bytes[12] = 6;
    bytes.writeUInt16LE(4680, 14);
    bytes.writeUInt16LE(4, 18);
    bytes.writeInt32LE(8, 20);
    bytes.fill(255, 24, 32);
    bytes.write(String(index).padStart(5, "0"), 36, "latin1");
    bytes.fill(0x12 + (index % 2) * 0x36, 42, 46);
    bytes.fill(30, 46, 54);
    bytes.write("NMC", 54, "latin1");
    return bytes;
  };
  return joinBytes(header, ...Array.from({ length: records }, (_, index) => record(index)));
}

async function planned(bytes: Uint8Array): Promise<string[]> {
  const { bytes: back, segments } = await render(dna, bytes, { format: "bam", level: "max" });
  expect(Buffer.compare(back, bytes)).toBe(0);
  return JSON.stringify(segments).match(/"(model|transform)":"\w+"/g) ?? [];
}

const FILE = bam(3000);

describe("BAM", () => {
  test("blocks by one encoder, by several and by none that is known", async () => {
    for (const deflate of [
      (plain: Uint8Array) => deflateWith(zlib(6), plain),
      (plain: Uint8Array, index: number) => deflateWith(index % 2 ? libdeflate(6) : zlib(5), plain),
      (plain: Uint8Array) => new Uint8Array(deflateRawSync(plain, { level: 3, memLevel: 2 })),
    ]) {
      expect(await planned(blocks(FILE, 20_011, deflate))).toContain('"model":"bam"');
    }
  });

  test("records straddle blocks of any size", async () => {
    const small = bam(40);
    for (const size of [1, 3, 37, 58, 1000]) {
      const file = blocks(small, size, (plain) => deflateWith(zlib(1), plain));
      expect(await planned(file)).toContain('"model":"bam"');
    }
  });

  test("a file that is cut, has no last block or goes on with other bytes", async () => {
    const file = blocks(FILE, 30_000, (plain) => deflateWith(zlib(6), plain));
    for (const bytes of [file.slice(0, -28), file.slice(0, -1), file.slice(0, 5000), joinBytes(file, noise(900))]) {
      await planned(bytes);
    }
  });

  test("content that is no record", async () => {
    const header = FILE.slice(0, 29);
    for (const content of [header, joinBytes(header, noise(5000)), noise(5000), FILE.slice(0, 1017)]) {
      await planned(blocks(content, 700, (plain) => deflateWith(zlib(6), plain)));
    }
  });
});

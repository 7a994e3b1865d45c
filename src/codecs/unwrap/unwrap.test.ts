import { describe, expect, test } from "bun:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import type { PlanNode } from "../../graph/plan";
import { MemorySource } from "../../graph/source";
import { general } from "../general";
import { jpegImage } from "../samples/jpeg";
import { bytesOf, joinBytes, noise, render, requestOf } from "../testing";
import { textPdf } from "../text-pdf";
import { unwrapSegments } from ".";

const TEXT = bytesOf(
  Array.from({ length: 2000 }, (_, i) => `${i} ${(i * i * 7919) % 1009} of the ${i % 17} lines\n`).join(""),
);

interface Planned {
  /** Names of the nodes, outermost first. */
  readonly nodes: string[];
  /** Bytes that the models are given. */
  readonly modelled: number;
}

/** Plans the bytes as any file, proves that the plan gives them back and says what it is made of. */
async function planned(bytes: Uint8Array): Promise<Planned> {
  const { bytes: back } = await render(general, bytes, requestOf(general));
  expect(Buffer.compare(back, bytes)).toBe(0);
  const nodes: string[] = [];
  let modelled = 0;
  const visit = (node: PlanNode) => {
    nodes.push(node.kind === "transform" ? node.transform : node.kind === "model" ? node.model : "part");
    if (node.kind === "transform") node.inputs.forEach(visit);
    else modelled += node.data.length;
  };
  for await (const { root } of unwrapSegments(new MemorySource(bytes))) visit(root);
  return { nodes, modelled };
}

function deflates({ nodes }: Planned): number {
  return nodes.filter((node) => node === "deflate").length;
}

/** A PNG file of grey pixels with its data in chunks of so many bytes. */
function png(chunkBytes: number): Uint8Array {
  const rows = Buffer.alloc(101 * 100);
  for (let i = 0; i < rows.length; i++) rows[i] = i % 101 === 0 ? 0 : (i * i) >> 7;
  const data = deflateSync(rows);
  const chunk = (type: string, content: Uint8Array) => {
    const body = joinBytes(bytesOf(type), content);
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(content.length);
    numbers.writeUInt32BE(Number(Bun.hash.crc32(body)), 4);
    return joinBytes(numbers.subarray(0, 4), body, numbers.subarray(4));
  };
  const header = Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 100, 8, 0, 0, 0, 0);
  const chunks = [chunk("IHDR", header)];
  for (let at = 0; at < data.length; at += chunkBytes)
    chunks.push(chunk("IDAT", data.subarray(at, at + chunkBytes)));
  return joinBytes(bytesOf("\x89PNG\r\n\x1a\n"), ...chunks, chunk("IEND", new Uint8Array(0)));
}

describe("streams are taken apart", () => {
  test("gzip, one member and two", async () => {
    const one = new Uint8Array(gzipSync(TEXT));
    expect((await planned(one)).modelled).toBeGreaterThan(TEXT.length);
    const other = new Uint8Array(gzipSync(TEXT, { level: 1 }));
    expect((await planned(joinBytes(one, other))).modelled).toBeGreaterThan(2 * TEXT.length);
  });

  test("the same stream twice, once", async () => {
    const one = new Uint8Array(gzipSync(TEXT));
    const plan = await planned(joinBytes(one, noise(500), one, png(1000), bytesOf("between"), png(1000)));
    expect(deflates(plan)).toBe(1);
    expect(plan.modelled).toBeLessThan(TEXT.length + 13_000);
  });

  test("streams of which each fills a segment", async () => {
    const text = joinBytes(...Array.from({ length: 360 }, () => TEXT));
    const [one, other] = [gzipSync(text, { level: 1 }), gzipSync(text)];
    const plan = await planned(joinBytes(new Uint8Array(one), new Uint8Array(other)));
    expect(plan.modelled).toBeGreaterThan(2 * text.length);
  }, 60_000);

  test("the members of a zip archive", async () => {
    const zip = zipSync({ "a.txt": TEXT, "b/c.txt": [TEXT, { level: 9 }], "d.txt": [TEXT, { level: 0 }] });
    const plan = await planned(zip);
    expect(deflates(plan)).toBe(1);
    expect(plan.modelled).toBeGreaterThan(3 * TEXT.length);
  });

  test("a PNG image, in one chunk and in many", async () => {
    for (const size of [1 << 20, 1000, 333]) {
      expect((await planned(png(size))).modelled).toBeGreaterThan(10_100);
    }
  });

  test("JPEG images, whole and truncated", async () => {
    const image = jpegImage(16);
    const zip = zipSync({ "a.jpg": [image, { level: 0 }], "b.jpg": [jpegImage(9, 2), { level: 0 }] });
    const images = (plan: Planned) => plan.nodes.filter((node) => node === "jpeg").length;
    expect(images(await planned(image))).toBe(1);
    expect(images(await planned(zip))).toBe(2);
    expect(images(await planned(image.subarray(0, image.length - 100)))).toBe(1);
    expect(images(await planned(image.subarray(0, 300)))).toBe(0);
  });

  test("streams inside streams, three deep", async () => {
    let bytes = TEXT;
    for (let depth = 1; depth <= 5; depth++) {
      bytes = new Uint8Array(gzipSync(joinBytes(bytes, noise(2000, depth))));
      expect(deflates(await planned(bytes))).toBe(Math.min(depth, 3));
    }
  });
});

describe("what cannot be taken apart stays", () => {
  test("a bomb, alone and in a zip archive", async () => {
    const zeros = new Uint8Array(48 << 20);
    const gzip = new Uint8Array(gzipSync(zeros, { level: 9 }));
    expect((await planned(gzip)).modelled).toBe(gzip.length);
    const bomb = zipSync({ a: zeros.subarray(0, 20 << 20) });
    const many = joinBytes(...Array.from({ length: 10 }, () => bomb));
    expect((await planned(many)).modelled).toBe(many.length);
  }, 60_000);

  test("gzip in gzip in gzip, and a PDF file of streams a thousand times as long", async () => {
    let nested: Uint8Array = new Uint8Array(gzipSync(new Uint8Array(30 << 20), { level: 9 }));
    for (let depth = 0; depth < 4; depth++) nested = new Uint8Array(gzipSync(nested));
    expect((await planned(nested)).modelled).toBeLessThan(1 << 20);
    const stream = deflateSync(new Uint8Array(20 << 20), { level: 9 });
    const objects = Array.from({ length: 50 }, (_, i) =>
      joinBytes(bytesOf(`${i} 0 obj << /Filter /FlateDecode >> stream\n`), stream, bytesOf("\nendstream endobj\n")),
    );
    const bomb = joinBytes(bytesOf("%PDF-1.4\n"), ...objects);
    const { bytes, segments } = await render(textPdf, bomb, requestOf(textPdf));
    expect(Buffer.compare(bytes, bomb)).toBe(0);
    expect(segments.map(({ root }) => root.kind)).toEqual(["model"]);
  }, 60_000);

  test("truncated and damaged files", async () => {
    const file = joinBytes(new Uint8Array(gzipSync(TEXT)), png(700), zipSync({ a: TEXT }));
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(file.length - 1), fc.nat(255), async (cut, at, byte) => {
        await planned(file.slice(0, cut + 1));
        const damaged = file.slice();
        damaged[at] = byte;
        await planned(damaged);
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test("noise behind a signature", async () => {
    for (const start of ["\x1f\x8b\x08\0", "PK\x03\x04", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0"]) {
      const bytes = joinBytes(bytesOf(start), noise(100_000));
      expect((await planned(bytes)).modelled).toBe(bytes.length);
    }
  });

  test("a stream whose checksums are wrong is still one, with its checksums as they are", async () => {
    const gzip = new Uint8Array(gzipSync(TEXT));
    gzip[gzip.length - 6]! ^= 1;
    expect(deflates(await planned(gzip))).toBe(1);
    const short = joinBytes(gzip.subarray(0, 10), new Uint8Array(deflateRawSync(TEXT)));
    expect(deflates(await planned(short))).toBe(1);
  });
});

import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import type { Level, PlanNode } from "../../graph/plan";
import { applyCipher } from "../../graph/transforms/cipher";
import { bytesOf, joinBytes, noise, render, requestOf } from "../testing";
import { textPdf } from ".";
import { cipherOf } from "./encryption";
import { stringAfter } from "./strings";

const CONTENT = page(300);

function page(lines: number): Uint8Array {
  const line = (i: number) => `BT /F1 ${i % 13} Tf ${(i * 7919) % 611} Td (${i}) Tj ET\n`;
  return bytesOf(Array.from({ length: lines }, (_, i) => line(i)).join(""));
}

function stream(entries: string, data: Uint8Array, number = 1): Uint8Array {
  const head = `${number} 0 obj\n<< /Length ${data.length} ${entries} >>\nstream\n`;
  return joinBytes(bytesOf(head), data, bytesOf("\nendstream\nendobj\n"));
}

function pdf(...pieces: readonly Uint8Array[]): Uint8Array {
  return joinBytes(bytesOf("%PDF-1.6\n"), ...pieces, bytesOf("startxref\n0\n%%EOF\n"));
}

/** Plans a file, proves that the plan gives it back, and names its nodes, outermost first. */
async function nodesOf(file: Uint8Array, level: Level = "balanced"): Promise<string[]> {
  const { bytes, segments } = await render(textPdf, file, { ...requestOf(textPdf), level });
  expect(Buffer.compare(bytes, file)).toBe(0);
  const nodes: string[] = [];
  const visit = (node: PlanNode) => {
    nodes.push(node.kind === "transform" ? node.transform : node.kind === "model" ? node.model : "part");
    if (node.kind === "transform") node.inputs.forEach(visit);
  };
  for (const { root } of segments) visit(root);
  return nodes;
}

const deflated = (bytes: Uint8Array) => new Uint8Array(deflateSync(bytes));

test("streams are found without lengths and references", async () => {
  const damaged = stream("/Filter /FlateDecode /Length 99999", deflated(CONTENT));
  expect(await nodesOf(pdf(damaged, damaged))).toContain("deflate");
});

test("only max tries models of its own on what streams hold", async () => {
  const contentAt = async (content: Uint8Array, level: Level) =>
    (await nodesOf(pdf(stream("/Filter /FlateDecode", deflated(content))), level)).at(-1);
  expect(await contentAt(CONTENT, "fast")).toBe("general");
  expect(await contentAt(CONTENT, "balanced")).toBe("general");
  expect(await contentAt(CONTENT, "max")).toBe("mail");
});

test("balanced codes what is long in larger steps", async () => {
  const content = pdf(stream("/Filter /FlateDecode", deflated(page(2000))));
  expect((await nodesOf(content, "balanced")).at(-1)).toBe("bwt-light");
  expect((await nodesOf(content, "fast")).at(-1)).toBe("general");
});

test("Type 1 fonts lose their encryption", async () => {
  const text = bytesOf(`\0\0\0\0dup /Private 8 dict dup begin /Subrs 9 array ${"dup 1 RD ".repeat(40)}`);
  const font = joinBytes(
    bytesOf("%!PS-AdobeFont-1.0: Sample\n/Encoding 256 array\ncurrentfile eexec\n"),
    encrypted(text),
    bytesOf(`\n${"0".repeat(64)}\ncleartomark\n`),
  );
  const file = pdf(stream("/Filter /FlateDecode /Length1 66", deflated(font)));
  expect(await nodesOf(file)).toContain("eexec");
});

/** Adobe Type 1 Font Format, 7.1, with the key of private parts. */
function encrypted(plain: Uint8Array): Uint8Array {
  let r = 55665;
  return plain.map((byte) => {
    const out = byte ^ (r >> 8);
    r = ((out + r) * 52845 + 22719) % 65536;
    return out;
  });
}

test("blank pictures are taken apart if they are as large as they say, and no larger", async () => {
  const page = new Uint8Array(3 * 2480 * 3506).fill(255);
  page.set(CONTENT, 1 << 20);
  const entries = (height: number) =>
    `/Subtype /Image /Width 2480 /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode`;
  const [data, references] = [deflated(page), bytesOf("xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n")];
  const nodesWith = (height: number) =>
    nodesOf(pdf(stream(entries(height), data), stream(entries(height), data, 2), references));
  expect((await nodesWith(3506)).filter((node) => node !== "general")).toEqual(["xref", "deflate", "runs"]);
  expect(await nodesWith(3507)).not.toContain("deflate");
});

test("facsimiles are coded by their pixels, unless speed is asked for", async () => {
  const file = pdf(stream("/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 64 >>", noise(400)));
  expect(await nodesOf(file)).toContain("ccitt");
  expect(await nodesOf(file, "fast")).not.toContain("ccitt");
});

describe("encrypted files", () => {
  // Of a real file that opens without a password.
  const OWNER = "3e03bd9b6635c12b7649e40d26e05bffbd275f24a9b8d2868e3bde30e22b8116";
  const USER = `c0210e90b8c83b9b3351496a4f2a67b3${"0".repeat(32)}`;
  const filters = "/CF << /StdCF << /CFM /AESV2 /Length 16 >> >> /StmF /StdCF /StrF /StdCF";
  const dictionary = (user: string) =>
    bytesOf(
      `106 0 obj\n<< /Filter /Standard /V 4 /R 4 ${filters} /O <${OWNER}> /U <${user}> /P -1028 >>\nendobj\n`,
    );
  const trailer = bytesOf("trailer << /Encrypt 106 0 R /ID [<6150494D6DAC214E95AB866FDAA1BA66> <00>] >>\n");

  function encryptedPdf(user: string): Uint8Array {
    const cipher = cipherOf(pdf(dictionary(USER), trailer));
    expect(cipher?.kind).toBe("aes-128");
    const objects = [3, 4].map((number) => {
      const plain = deflated(CONTENT.subarray(number));
      const padding = new Uint8Array(16 - (plain.length % 16)).fill(16 - (plain.length % 16));
      const data = joinBytes(noise(16, number), plain, padding);
      applyCipher(cipher!, data, { number, generation: 0 }, "encrypt");
      return stream("/Filter /FlateDecode", data, number);
    });
    return pdf(...objects, dictionary(user), trailer);
  }

  test("are decrypted if the empty password opens them", async () => {
    const nodes = await nodesOf(encryptedPdf(USER));
    expect(nodes[0]).toBe("cipher");
    expect(nodes).toContain("deflate");
  });

  test("stay as they are if it does not", async () => {
    expect(await nodesOf(encryptedPdf("00".repeat(32)))).toEqual(["general"]);
  });

  test("are none without a dictionary", () => {
    expect(cipherOf(pdf(trailer))).toBeUndefined();
    expect(cipherOf(pdf(dictionary(USER)))).toBeUndefined();
  });
});

test("strings are read with their escapes", () => {
  const read = (text: string) => stringAfter(text, 0)?.toString("latin1");
  expect(read("(a(b)\\)\\101\\n\\\r\nc)")).toBe("a(b))A\nc");
  expect(read(" <4 1 4>")).toBe("A@");
  expect(read("(open")).toBeUndefined();
  expect(read("/Name")).toBeUndefined();
});

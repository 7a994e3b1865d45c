import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlanNode } from "../../graph/plan";
import { MemorySource } from "../../graph/source";
import { bytesOf, noise, render } from "../testing";
import { dictTransport } from ".";
import { findEmbedded } from "./data-uris";
import { assetSegments } from "./plan";

const FONT = Buffer.from(noise(900)).toString("base64");
const IMAGE = Buffer.from(noise(301, 2)).toString("base64");
const SVG = Buffer.from(`<svg>${"<path d='M0 0'/>".repeat(20)}</svg>`).toString("base64");
const STYLE = `@font-face { src: url(data:font/woff2;charset=utf-8;base64,${FONT}) }
.a { background: url("data:image/png;base64,${IMAGE}") }
.b { background: url('DATA:image/svg+xml;BASE64,${SVG.replace(/=+$/, "")}') }
`;

function transformsOf(node: PlanNode): string[] {
  return node.kind === "transform" ? [node.transform, ...node.inputs.flatMap(transformsOf)] : [];
}

describe("data URIs", () => {
  test("are found with their content, padded or not", () => {
    const found = findEmbedded(bytesOf(STYLE));
    expect(found.map(({ mediaType, padded, content }) => [mediaType, padded, content.length])).toEqual([
      ["font/woff2", true, 900],
      ["image/png", true, 301],
      ["image/svg+xml", !SVG.endsWith("="), Buffer.from(SVG, "base64").length],
    ]);
    for (const { start, end, content } of found) {
      expect(Buffer.from(content).toString("base64").replace(/=+$/, "")).toBe(
        STYLE.slice(start, end).replace(/=+$/, ""),
      );
    }
  });

  test("that no encoder writes stay text", () => {
    const odd = `${FONT.slice(0, -4)}AB==`;
    for (const characters of [odd, `${"A".repeat(129)}`, `${FONT.slice(0, 300)} ${FONT.slice(300, 400)}`]) {
      const found = findEmbedded(bytesOf(`url(data:a/b;base64,${characters})`));
      for (const { start, content } of found) {
        const again = Buffer.from(content).toString("base64");
        expect(`data:a/b;base64,${characters}`).toContain(again.replace(/=+$/, ""));
        expect(start).toBe("url(data:a/b;base64,".length);
      }
    }
    expect(findEmbedded(bytesOf(`url(data:a/b;base64,${odd})`))).toEqual([]);
    expect(findEmbedded(bytesOf("url(data:a/b;base64,AAAA)"))).toEqual([]);
  });

  test("are taken apart and come back", async () => {
    for (const level of ["fast", "balanced", "max"] as const) {
      const { bytes, segments } = await render(dictTransport, bytesOf(STYLE), { format: "css", level });
      expect(Buffer.from(bytes).toString("latin1")).toBe(STYLE);
      expect(transformsOf(segments[0]!.root)).toEqual(["weave", "base64", "base64", "base64"]);
    }
  });

  test("at both ends of a file come back", async () => {
    const only = `data:a/b;base64,${FONT}`;
    const { bytes } = await render(dictTransport, bytesOf(only), { format: "css", level: "max" });
    expect(Buffer.from(bytes).toString("latin1")).toBe(only);
  });
});

describe("a base", () => {
  async function planned(content: string, base: string) {
    const folder = mkdtempSync(join(tmpdir(), "smallest-base-"));
    try {
      writeFileSync(join(folder, "base"), base);
      const request = {
        format: "css",
        level: "max",
        base: { path: join(folder, "base"), archiveBytes: 1000 },
      } as const;
      return await render(dictTransport, bytesOf(content), request);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const old = Array.from({ length: 300 }, (_, i) => `.c${(i * 7919) % 9973} { width: ${i * i}px }\n`).join("");

  test("that is near becomes a part, and the rest what the file adds to it", async () => {
    const content = old.replaceAll(".c5", ".changed5");
    const { bytes, segments, parts } = await planned(content, old);
    expect(Buffer.from(bytes).toString("latin1")).toBe(content);
    expect(transformsOf(segments[0]!.root)).toEqual(["web-delta"]);
    expect(parts.map((part) => Buffer.from(part).toString("latin1"))).toEqual([old]);
  });

  test("that is of no use is left alone", async () => {
    const content = Buffer.from(noise(3000)).toString("base64");
    const { bytes, segments, parts } = await planned(content, old);
    expect(Buffer.from(bytes).toString("latin1")).toBe(content);
    expect(transformsOf(segments[0]!.root)).toEqual([]);
    expect(parts).toEqual([]);
  });
});

describe("large assets at level balanced", () => {
  test.each([
    ["css", ".a { color: red }\n", "bwt"],
    ["js", "const a = 1;\n", "web-light"],
    ["js", "a(1);", "bwt"],
  ] as const)("as %s of %j go to %s", async (format, line, model) => {
    const bytes = bytesOf(line.repeat(Math.ceil(1_000_000 / line.length)));
    for await (const { root } of assetSegments(new MemorySource(bytes), format, "balanced")) {
      expect(root).toMatchObject({ kind: "model", model });
    }
  });
});

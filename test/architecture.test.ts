import { describe, expect, test } from "bun:test";
import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";

const SRC = resolve(import.meta.dir, "../src");

/** Which rooms a room may import from, besides itself, `errors.ts` and `config.ts`. */
const ARROWS: Record<string, readonly string[]> = {
  "main.ts": ["cli", "media"],
  cli: ["server", "vault", "codecs", "archive", "graph", "kernels", "database", "media"],
  server: ["vault", "codecs", "database", "graph", "media", "storage"],
  vault: ["codecs", "archive", "graph", "kernels", "storage", "database"],
  codecs: ["graph", "kernels"],
  archive: ["graph", "kernels"],
  graph: ["kernels"],
  kernels: [],
  storage: [],
  database: ["graph"],
  media: ["kernels"],
};

/** Packages that only one room may know. */
const KEEPERS: readonly [RegExp, string][] = [
  [/^(elysia|@elysiajs\/)/, "server"],
  [/^drizzle-orm/, "database"],
  [/^@aws-sdk\//, "storage"],
];

const FREE = new Set(["errors.ts", "config.ts"]);

interface Import {
  file: string;
  room: string;
  target: string;
}

async function imports(): Promise<Import[]> {
  const found: Import[] = [];
  for await (const file of new Glob("**/*.ts").scan(SRC)) {
    if (file.endsWith(".test.ts")) continue;
    const text = await Bun.file(join(SRC, file)).text();
    const specifiers = text.matchAll(
      /(?:^|\n)\s*(?:import|export)[^;'"]*?from\s*"([^"]+)"|import\(\s*"([^"]+)"\s*\)/g,
    );
    for (const [, fixed, lazy] of specifiers) found.push({ file, room: roomOf(file), target: (fixed ?? lazy)! });
  }
  return found;
}

function roomOf(file: string): string {
  return file.split("/")[0]!;
}

describe("the house", () => {
  test("arrows between rooms point down only", async () => {
    const wrong = (await imports()).filter(({ file, room, target }) => {
      if (!target.startsWith(".")) return false;
      const path = relative(SRC, join(SRC, dirname(file), target));
      const other = path.startsWith("..") ? null : roomOf(path.includes("/") ? path : `${path}.ts`);
      return other !== null && other !== room && !FREE.has(other) && !ARROWS[room]?.includes(other);
    });
    expect(wrong).toEqual([]);
  });

  test("each outside framework is known to one room", async () => {
    const wrong = (await imports()).filter(({ room, target }) =>
      KEEPERS.some(([pattern, keeper]) => pattern.test(target) && room !== keeper),
    );
    expect(wrong).toEqual([]);
  });

  test("every room is listed", async () => {
    const rooms = new Set<string>();
    for await (const file of new Glob("**/*.ts").scan(SRC)) rooms.add(roomOf(file));
    expect([...rooms].filter((room) => !(room in ARROWS) && !FREE.has(room))).toEqual([]);
  });
});

/**
 * `npm run bench:pairs -- OLD NEW [OLD NEW ...]`: what the second version of a web asset adds to a space that holds the
 * first, at level max, beside `zstd -22 --patch-from` (needs `zstd`).
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadConfig } from "../src/config";
import { openDatabase } from "../src/database/open";
import { MemoryStore } from "../src/storage/memory";
import { ALL_SCOPES } from "../src/vault/access";
import { DEFAULT_SPACE } from "../src/vault/administration";
import { openVault } from "../src/vault/open";
import type { Actor, Vault } from "../src/vault/vault";

const ACTOR: Actor = { id: "bench", spaceId: DEFAULT_SPACE, scopes: ALL_SCOPES, origin: "127.0.0.1" };
const LARGEST = 1 << 30;

const { positionals: paths } = parseArgs({ allowPositionals: true });
for (let i = 0; i + 1 < paths.length; i += 2) await comparePair(paths[i]!, paths[i + 1]!);

async function comparePair(older: string, newer: string): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "smallest-pairs-"));
  const store = new MemoryStore();
  const { vault } = await openVault(loadConfig({ data }, {}), { openDatabase, openStore: async () => store });
  try {
    const alone = await upload(vault, older);
    const added = await upload(vault, newer);
    const patch = patchBytes(older, newer, join(data, "patch.zst"));
    console.log(`${basename(newer).padEnd(32)} first ${alone}, second ${added}, zstd --patch-from ${patch}`);
  } finally {
    await vault.close(0);
    rmSync(data, { recursive: true, force: true });
  }
}

/** @returns the bytes that the upload added to the space */
async function upload(vault: Vault, path: string): Promise<number> {
  const type = extname(path).slice(1);
  const plan = await vault.planUpload(ACTOR, { codec: "dict-transport", query: { type, level: "max" } });
  const spooled = await vault.spool(Bun.file(path).stream(), LARGEST);
  return (await vault.upload(ACTOR, plan, spooled, { name: basename(path) })).compressedBytes;
}

function patchBytes(older: string, newer: string, out: string): number {
  execFileSync("zstd", ["-q", "-f", "--ultra", "-22", "--long=27", `--patch-from=${older}`, newer, "-o", out]);
  return Bun.file(out).size;
}

import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EMBEDDED_SIDECAR } from "./embedded";

const ROOT = "/$bunfs/root";
const PREFIX = "video-engine-";

export interface Sidecar {
  readonly runtime: string;
  readonly script: string;
}

interface Origin {
  readonly id: string;
  write(folder: string): Promise<void>;
}

/**
 * The video sidecar on disk, where it must lie to be run: unpacked once into the cache directory, under a name that
 * changes with its content. Null where this build or this machine has none.
 */
export async function installSidecar(cacheDirectory: string): Promise<Sidecar | null> {
  const origin = (await embedded()) ?? (await sourceTree());
  if (!origin) return null;
  const folder = join(cacheDirectory, PREFIX + origin.id);
  if (!existsSync(folder)) await install(origin, cacheDirectory, folder);
  return { runtime: join(folder, "bare"), script: join(folder, "transcode.js") };
}

export async function hasSidecar(): Promise<boolean> {
  return ((await embedded()) ?? (await sourceTree())) !== null;
}

async function install(origin: Origin, cacheDirectory: string, folder: string): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true, mode: 0o700 });
  const temporary = await mkdtemp(join(cacheDirectory, ".unpacking-"));
  try {
    await origin.write(temporary);
    // Another process may have been faster; its folder is the same.
    await rename(temporary, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  for (const name of await readdir(cacheDirectory)) {
    if (name.startsWith(PREFIX) && join(cacheDirectory, name) !== folder) {
      await rm(join(cacheDirectory, name), { recursive: true, force: true });
    }
  }
}

/** The files that the build put into the executable, each compressed by Zstandard. */
async function embedded(): Promise<Origin | null> {
  const root = join(ROOT, EMBEDDED_SIDECAR);
  const list = Bun.file(join(root, "index.json"));
  if (!(await list.exists())) return null;
  const { id, files }: { id: string; files: string[] } = await list.json();
  return {
    id,
    async write(folder) {
      for (const name of files) {
        const path = join(folder, name);
        await mkdir(dirname(path), { recursive: true });
        await Bun.write(path, await Bun.zstdDecompress(await Bun.file(join(root, `${name}.zst`)).bytes()));
      }
      await chmod(join(folder, "bare"), 0o755);
    },
  };
}

async function sourceTree(): Promise<Origin | null> {
  if (Bun.main.startsWith(ROOT)) return null;
  const { stage, writeStaging } = await import("./stage");
  const staging = await stage();
  return staging && { id: staging.id, write: (folder) => writeStaging(staging, folder) };
}

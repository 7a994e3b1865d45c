import { createHash } from "node:crypto";
import { constants, existsSync, readdirSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const MODULES = join(import.meta.dir, "../../../node_modules");
const HOST = `${process.platform}-${process.arch}`;

/** Where npm put the Bare runtime for this machine; packages exist for some only. */
const RUNTIME = join(MODULES, `bare-runtime-${HOST}/bin/bare`);

/** What the video sidecar consists of: files of packages and one script, with a name that changes with them. */
export interface Staging {
  readonly id: string;
  readonly script: string;
  /** Paths to copy, by their names in the sidecar's folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** Puts the sidecar together from the packages of the source tree; null where there is none for this machine. */
export async function stage(): Promise<Staging | null> {
  if (!existsSync(RUNTIME)) return null;
  const { script, addons } = await bundle();
  const files = new Map([["bare", RUNTIME]]);
  for (const name of addons) {
    const prebuilds = join(MODULES, name, "prebuilds", HOST);
    files.set(`${name}.bare`, join(prebuilds, `${name}.bare`));
    // Shared libraries of an addon lie in a folder of its name, where its run path looks for them.
    const libraries = join(prebuilds, name);
    for (const file of existsSync(libraries) ? readdirSync(libraries) : []) {
      files.set(`${name}/${file}`, join(libraries, file));
    }
  }
  const hash = createHash("sha256").update(script);
  for (const [name, path] of files) hash.update(`\n${name} ${statSync(path).size} ${statSync(path).mtimeMs}`);
  return { id: hash.digest("hex").slice(0, 16), script, files };
}

/** Writes a staging to a folder, ready to run. */
export async function writeStaging({ script, files }: Staging, folder: string): Promise<void> {
  await Bun.write(join(folder, "transcode.js"), script);
  for (const [name, path] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(path, join(folder, name), constants.COPYFILE_FICLONE);
  }
  await chmod(join(folder, "bare"), 0o755);
}

/** One CommonJS script; each package's lookup of its addon becomes that of a file beside the script. */
async function bundle(): Promise<{ script: string; addons: Set<string> }> {
  const addons = new Set<string>();
  const build = await Bun.build({
    entrypoints: [join(import.meta.dir, "transcode.ts")],
    target: "node",
    format: "cjs",
    conditions: ["bare"],
    banner: "globalThis.loadAddon = (name) => require.addon(name);",
    plugins: [
      {
        name: "addons",
        setup(build) {
          build.onLoad({ filter: /node_modules\/bare-[a-z]+\/binding\.js$/ }, ({ path }) => {
            const name = basename(dirname(path));
            addons.add(name);
            return { contents: `module.exports = globalThis.loadAddon("./${name}.bare")`, loader: "js" };
          });
        },
      },
    ],
  });
  return { script: await build.outputs[0]!.text(), addons };
}

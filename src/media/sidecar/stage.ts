import { existsSync } from "node:fs";
import { copyFile, cp, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const ROOT = join(import.meta.dir, "../../..");
const MODULES = join(ROOT, "node_modules");

/** Where npm put the Bare runtime for this machine; packages exist for some only. */
function runtimePath(): string {
  return join(MODULES, `bare-runtime-${process.platform}-${process.arch}/bin/bare`);
}

export async function canStage(): Promise<boolean> {
  return Bun.file(runtimePath()).exists();
}

/**
 * Puts the video sidecar together in a folder, from the packages of the source tree: the Bare runtime, the native
 * addons for this machine and one script. The build embeds that folder; a source tree makes it on first use.
 */
export async function stageSidecar(folder: string): Promise<void> {
  const host = `${process.platform}-${process.arch}`;
  const { script, addons } = await bundle();
  await mkdir(folder, { recursive: true });
  await Bun.write(join(folder, "transcode.js"), script);
  await copyFile(runtimePath(), join(folder, "bare"));
  for (const name of addons) {
    const prebuilds = join(MODULES, name, "prebuilds", host);
    await copyFile(join(prebuilds, `${name}.bare`), join(folder, `${name}.bare`));
    // Shared libraries of an addon lie in a folder of its name, where its run path looks for them.
    if (existsSync(join(prebuilds, name))) await cp(join(prebuilds, name), join(folder, name), { recursive: true });
  }
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

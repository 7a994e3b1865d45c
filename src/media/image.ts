import { copyFile, open, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Refusal, type RefusalJSON } from "../errors";
import { type ChildLimits, runChild } from "./child";
import { Queue } from "./queue";

/** The largest picture that is decoded takes 1.8 GB and half a minute of a free core. */
const LIMITS: ChildLimits = { seconds: 600, bytes: 2.5 * 2 ** 30 };
/** Larger files are given back as they are. */
const MAX_BYTES = 256 << 20;
const queue = new Queue(Math.max(1, Math.min(4, availableParallelism())), 64);

/** What the image process says on its only line. */
export type ImageMessage =
  | { readonly kind: "smaller" }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly refusal: RefusalJSON };

/**
 * Makes a JPEG smaller at visually equal quality; where that cannot be done the output is the very input. The result
 * is baseline JPEG with the EXIF data, colour profile and other metadata of the input.
 *
 * Runs in a child process. `outputPath` exists only when this resolves.
 * @returns the size of the result in bytes
 * @throws Refusal `not_jpeg`, `too_large`, `busy`, `aborted`
 */
export async function compressImage(
  inputPath: string,
  outputPath: string,
  options: { signal?: AbortSignal } = {},
): Promise<{ bytes: number }> {
  await requireJpeg(inputPath);
  return queue.run(async () => {
    try {
      const smaller =
        (await stat(inputPath)).size <= MAX_BYTES && (await recompress(inputPath, outputPath, options));
      if (!smaller) await copyFile(inputPath, outputPath);
      return { bytes: (await stat(outputPath)).size };
    } catch (error) {
      await rm(outputPath, { force: true });
      throw error;
    }
  }, options.signal);
}

/** Whether the child made it smaller. A child that dies of the picture leaves the input as the answer. */
async function recompress(input: string, output: string, { signal }: { signal?: AbortSignal }): Promise<boolean> {
  let message: ImageMessage | null = null;
  await runChild([...selfCommand(), "__image", input, output], {
    limits: LIMITS,
    signal,
    onLine(line) {
      if (line.startsWith('{"kind":')) message = JSON.parse(line);
    },
  });
  const said = message as ImageMessage | null;
  if (said?.kind === "refused") throw Refusal.revive(said.refusal);
  return said?.kind === "smaller";
}

/** The command that starts this program again: the executable itself, or Bun with a small entry of the source. */
function selfCommand(): string[] {
  const compiled = Bun.main.startsWith("/$bunfs/");
  return compiled ? [process.execPath] : [process.execPath, join(import.meta.dir, "entry.ts")];
}

async function requireJpeg(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    const { buffer } = await file.read(Buffer.alloc(3), 0, 3, 0);
    if (buffer.equals(Buffer.from([0xff, 0xd8, 0xff]))) return;
  } finally {
    await file.close();
  }
  throw new Refusal("not_jpeg", "The file is no JPEG image: it does not start with the JPEG marker FF D8 FF.");
}

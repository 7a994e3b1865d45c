import { Refusal } from "../errors";
import type { ImageMessage } from "./image";

/**
 * Commands that this program runs itself by, in processes of their own. They are no part of the command line: `main`
 * looks here before it reads the words as a user's.
 */
export const mediaChildCommands: Record<string, (args: string[]) => Promise<number>> = {
  /** `__image INPUT OUTPUT`: prints an {@link ImageMessage}. */
  async __image([input, output]) {
    const { initMozjpeg } = await import("./jpeg/mozjpeg");
    const { recompressJpeg } = await import("./jpeg/recompress");
    try {
      await initMozjpeg();
      const smaller = await recompressJpeg(await Bun.file(input!).bytes());
      if (smaller) await Bun.write(output!, smaller);
      say({ kind: smaller ? "smaller" : "unchanged" });
      return 0;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say({ kind: "refused", refusal: error.toJSON() });
      return 1;
    }
  },
};

function say(message: ImageMessage): void {
  console.log(JSON.stringify(message));
}

const WIDTH = 30;
const EVERY_MS = 100;

/** A progress bar on standard error when that is a terminal; silent otherwise. */
export function progressBar(label: string): { update(fraction: number): void; done(): void } {
  if (!process.stderr.isTTY) return { update() {}, done() {} };
  let shown = 0;
  return {
    update(fraction) {
      const now = performance.now();
      if (now - shown < EVERY_MS && fraction < 1) return;
      shown = now;
      const filled = Math.round(WIDTH * Math.min(1, fraction));
      const percent = `${Math.floor(fraction * 100)}`.padStart(3);
      process.stderr.write(`\r${label} [${"#".repeat(filled)}${" ".repeat(WIDTH - filled)}] ${percent} %`);
    },
    done() {
      process.stderr.write("\r\u001b[K");
    },
  };
}

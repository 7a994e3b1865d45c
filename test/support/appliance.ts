import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "./client";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
const START_MS = 20_000;

export interface StartOptions {
  /** Where its data lies; a new directory by default. */
  data?: string;
  env?: Record<string, string>;
  /** Modules that Bun loads first: how a test breaks the program from inside. */
  preload?: string[];
  /** The command to run instead of the sources. */
  command?: string[];
}

/** A real server process on a data directory of its own. */
export class TestAppliance extends Client {
  private constructor(
    url: string,
    key: string,
    readonly data: string,
    /** The one-time link of the first start. */
    readonly setupLink: string,
    readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    private readonly ownsData: boolean,
    private readonly output: { out: string; err: string },
  ) {
    super(url, key);
  }

  static async start(options: StartOptions = {}): Promise<TestAppliance> {
    const data = options.data ?? mkdtempSync(join(tmpdir(), "smallest-test-"));
    const preload = (options.preload ?? []).flatMap((module) => ["--preload", module]);
    const command = options.command ?? [process.execPath, ...preload, MAIN];
    const child = Bun.spawn([...command, "serve", "--port", "0", "--data", data], {
      env: { ...process.env, ...options.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const output = { out: "", err: "" };
    void collect(child.stdout, (text) => (output.out += text));
    void collect(child.stderr, (text) => (output.err += text));
    const deadline = Date.now() + START_MS;
    const started = () => /listens on \S+\n/.test(output.out);
    while (!started()) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill("SIGKILL");
        throw new Error(`the server did not start: ${output.out}${output.err}`);
      }
      await Bun.sleep(10);
    }
    const url = /listens on (\S+)/.exec(output.out)![1]!;
    const key = /^ {2}(smz_\w+)$/m.exec(output.out)?.[1] ?? "";
    const setupLink = /^ {2}(\S+#setup=\w+)$/m.exec(output.out)?.[1] ?? "";
    return new TestAppliance(url, key, data, setupLink, child, !options.data, output);
  }

  get stderr(): string {
    return this.output.err;
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }

  /** Stops the server as an operator would, and removes the data directory that was made for it. */
  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await this.process.exited;
    if (this.ownsData) rmSync(this.data, { recursive: true, force: true });
  }
}

async function collect(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}

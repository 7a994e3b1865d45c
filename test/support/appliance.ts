import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

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
export class TestAppliance {
  private constructor(
    readonly url: string,
    readonly data: string,
    /** The administrator's key; empty when the data directory was used before. */
    readonly key: string,
    readonly setupLink: string,
    readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">,
    private readonly ownsData: boolean,
    private readonly output: { out: string; err: string },
  ) {}

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
    return new TestAppliance(url, data, key, setupLink, child, !options.data, output);
  }

  get stderr(): string {
    return this.output.err;
  }

  /** A call with this appliance's key unless the headers say otherwise. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("x-api-key")) headers.set("x-api-key", this.key);
    return fetch(this.url + path, { ...init, headers });
  }

  /** Uploads as the reference's curl lines do: multipart, field `file`. */
  upload(
    path: string,
    bytes: Uint8Array | Blob,
    name: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const form = new FormData();
    form.set("file", bytes instanceof Blob ? bytes : new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
    return this.fetch(path, { method: "POST", body: form, headers });
  }

  async download(id: string): Promise<Uint8Array> {
    const response = await this.fetch(`/api/files/${id}/download`);
    if (response.status !== 200) throw new Error(`download answered ${response.status}: ${await response.text()}`);
    return response.bytes();
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

/** Polls until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await Bun.sleep(20);
  }
}

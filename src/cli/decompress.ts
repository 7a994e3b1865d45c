import { basename } from "node:path";
import { ArchiveReader } from "../archive/reader";
import { Engine } from "../graph/engine";
import { FileSource } from "../graph/source";
import { displayName } from "../vault/names";
import { unpack } from "../vault/unpack";
import { type Call, type Command, EXIT, UsageError } from "./command";
import { workersOf } from "./compress";
import {
  drain,
  freshTarget,
  inputPath,
  outputTarget,
  STANDARD,
  type Target,
  withScratch,
  writeWhole,
} from "./files";
import { progressBar } from "./progress";

const SUFFIX = ".smz";

export const decompress: Command = {
  usage: "IN.smz [-o OUT]",
  summary: "Give back the file in an archive; no server needed.",
  flags: {
    output: {
      kind: "text",
      short: "o",
      value: "OUT",
      help: "The file; by default IN without .smz, - for standard output.",
    },
    force: { kind: "switch", help: "Overwrite a file whose name was not given with -o." },
    json: { kind: "switch", help: "Print one line of JSON." },
    workers: { kind: "text", value: "N", help: "Workers; one per core, at least two, by default." },
  },

  async run(call) {
    const input = onlyArchive(call, "decompress");
    return withArchive(input, workersOf(call), async (archive, engine) => {
      const { path, stream } = targetOf(call, input, archive);
      const write = (to: string) => drain(decoded(archive, engine), to);
      const bytes = stream ? await write(path) : await writeWhole(path, write);
      if (call.has("json")) report(archive, bytes, path === STANDARD);
    });
  },
};

export const verify: Command = {
  usage: "IN.smz",
  summary: "Decode a whole archive and check every byte, keeping nothing.",
  flags: {
    json: { kind: "switch", help: "Print one line of JSON." },
    workers: { kind: "text", value: "N", help: "Workers; one per core, at least two, by default." },
  },

  async run(call) {
    const input = onlyArchive(call, "verify");
    return withArchive(input, workersOf(call), async (archive, engine) => {
      let bytes = 0;
      for await (const chunk of decoded(archive, engine)) bytes += chunk.length;
      if (call.has("json")) report(archive, bytes, false);
      else console.error(`${archive.header.name || "archive"}: whole, all ${bytes} bytes check out.`);
    });
  },
};

/** The archive named on the command line; standard input when none is. */
export function onlyArchive(call: Call, command: string): string {
  const [input = STANDARD, ...more] = call.positionals;
  if (more.length > 0) throw new UsageError(`${command} takes one archive.`);
  return input;
}

async function withArchive(
  input: string,
  workers: number | undefined,
  work: (archive: ArchiveReader, engine: Engine) => Promise<void>,
): Promise<number> {
  return withScratch(async (scratch) => {
    const source = new FileSource(await inputPath(input, scratch));
    const engine = new Engine({ workers });
    try {
      await work(await ArchiveReader.open(source), engine);
      return EXIT.ok;
    } finally {
      await engine.close();
      source.close();
    }
  });
}

async function* decoded(archive: ArchiveReader, engine: Engine): AsyncGenerator<Uint8Array> {
  const bar = progressBar(archive.header.name || "archive");
  let done = 0;
  try {
    for await (const bytes of unpack(engine, archive, {})) {
      yield bytes;
      bar.update((done += bytes.length) / archive.contentBytes);
    }
  } finally {
    bar.done();
  }
}

function targetOf(call: Call, input: string, archive: ArchiveReader): Target {
  const wished = call.text("output") ?? (input === STANDARD ? STANDARD : undefined);
  if (wished !== undefined) return outputTarget(wished, input);
  const stem = input.endsWith(SUFFIX)
    ? input.slice(0, -SUFFIX.length)
    : displayName(archive.header.name || basename(input));
  return freshTarget(stem, input, call.has("force"));
}

function report(archive: ArchiveReader, originalBytes: number, toStandardOutput: boolean): void {
  const cpu = process.cpuUsage();
  const { codec, format, lossless, name } = archive.header;
  const line = JSON.stringify({
    name,
    originalBytes,
    compressedBytes: archive.source.size,
    ratio: Number((archive.source.size / originalBytes).toFixed(4)),
    seconds: Number((performance.now() / 1000).toFixed(3)),
    cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(3)),
    codec,
    format,
    lossless,
    sha256: archive.contentSha256,
    verified: true,
  });
  (toStandardOutput ? console.error : console.log)(line);
}

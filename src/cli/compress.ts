import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { codecs, parameterNames, parseParams } from "../codecs/registry";
import { Refusal } from "../errors";
import { Engine } from "../graph/engine";
import { FileSource } from "../graph/source";
import { choose, namedCodec, requireAutoQuery } from "../vault/choose";
import { displayName } from "../vault/names";
import { type Packed, pack } from "../vault/pack";
import { type Call, type Command, EXIT, type Flag, UsageError } from "./command";
import {
  digest,
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
import { readSource } from "./read-source";

export const compress: Command = {
  usage: "[--codec CODEC] [--format FORMAT] [--level LEVEL] IN [-o OUT.smz]",
  summary: "Compress a file into an archive; no server needed.",
  flags: {
    codec: {
      kind: "text",
      value: "CODEC",
      help: `${codecs.map(({ name }) => name).join(", ")} or auto (default).`,
    },
    output: {
      kind: "text",
      short: "o",
      value: "OUT",
      help: "The archive; IN.smz by default, - for standard output.",
    },
    name: { kind: "text", value: "NAME", help: "The name kept in the archive; that of IN by default." },
    force: { kind: "switch", help: "Overwrite IN.smz." },
    json: { kind: "switch", help: "Print one line of JSON." },
    workers: { kind: "text", value: "N", help: "Workers; one per core, at least two, by default." },
    ...parameterFlags(),
  },

  async run(call) {
    const [input = STANDARD, ...more] = call.positionals;
    if (more.length > 0) throw new UsageError("compress takes one file.");
    const query = queryOf(call);
    const codec = call.text("codec") ?? "auto";
    if (codec === "auto") requireAutoQuery(query);
    else parseParams(namedCodec(codec), query);
    return withScratch((scratch) => compressFile(call, input, { codec, query }, scratch));
  },
};

async function compressFile(
  call: Call,
  input: string,
  plan: { codec: string; query: Record<string, string> },
  scratch: string,
): Promise<number> {
  const started = performance.now();
  const target = targetOf(call, input);
  const path = await inputPath(input, scratch);
  const stamp = await stampOf(path);
  const { size, sha256 } = await digest(path);
  const name = displayName(call.text("name") ?? (input === STANDARD ? "stdin" : basename(input)));
  const { codec, request } = await choose(plan, { path, size }, name);
  const engine = new Engine({ workers: workersOf(call) });
  const bar = progressBar(name);
  try {
    const packed = await deliver(target, scratch, async (out) => {
      const asked = { path, size, sha256, name, codec, request, scratch, out };
      const outcome = await pack(engine, { ...asked, onProgress: bar.update });
      if ((await stampOf(path)) !== stamp) throw new Refusal("conflict", CHANGED);
      return outcome;
    });
    bar.done();
    const result = summary(packed, size, started, codec.name, request.format);
    if (call.has("json")) (target.path === STANDARD ? console.error : console.log)(JSON.stringify(result));
    else console.error(sentence(name, result));
    return EXIT.ok;
  } finally {
    bar.done();
    await engine.close();
  }
}

function targetOf(call: Call, input: string): Target {
  const wished = call.text("output") ?? (input === STANDARD ? STANDARD : undefined);
  return wished === undefined ? freshTarget(`${input}.smz`, input, call.has("force")) : outputTarget(wished, input);
}

/** An archive is whole before a stream gets its first byte. */
async function deliver(
  { path, stream }: Target,
  scratch: string,
  packTo: (out: string) => Promise<Packed>,
): Promise<Packed> {
  if (!stream) return writeWhole(path, packTo);
  const out = `${scratch}/out.smz`;
  const packed = await packTo(out);
  await drain(readSource(new FileSource(out)), path);
  return packed;
}

/** A file that is written to meanwhile, as logs are, would leave an archive of what it never was. */
const CHANGED = "The file changed while it was read; compress a copy of it.";

async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
}

function summary(packed: Packed, originalBytes: number, started: number, codec: string, format: string) {
  const cpu = process.cpuUsage();
  return {
    originalBytes,
    compressedBytes: packed.archiveBytes,
    ratio: Number((packed.archiveBytes / originalBytes).toFixed(4)),
    seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
    // Others do not verify: what that costs stands beside what compares with theirs.
    cpuSeconds: Number(((cpu.user + cpu.system) / 1e6 - packed.verifySeconds).toFixed(3)),
    verifySeconds: Number(packed.verifySeconds.toFixed(3)),
    codec,
    format,
    lossless: packed.lossless,
    verified: true,
    ...(Object.keys(packed.report).length > 0 ? { report: packed.report } : {}),
  };
}

function sentence(name: string, result: ReturnType<typeof summary>): string {
  const { originalBytes, compressedBytes, seconds, codec, format, lossless } = result;
  const percent = ((100 * compressedBytes) / originalBytes).toFixed(1);
  const how = lossless ? "identical when decompressed" : "lossy, as asked";
  return `${name}: ${originalBytes} -> ${compressedBytes} bytes (${percent} %), ${codec}/${format}, ${how}, ${seconds} s`;
}

/** Every codec parameter of the API is a flag of the same name. */
function parameterFlags(): Record<string, Flag> {
  const flags: Record<string, Flag> = {};
  for (const codec of codecs) {
    for (const name of parameterNames(codec)) {
      const schema = codec.params.properties[name];
      const help =
        schema?.description ?? { format: "Sub-format of the codec.", level: "fast, balanced or max." }[name];
      const owners = codecs.filter((other) => parameterNames(other).includes(name)).map((other) => other.name);
      const scope = owners.length === codecs.length ? "" : ` (${owners.join(", ")})`;
      flags[name] ??= { kind: "text", help: `${help ?? "Sub-format."}${scope}` };
    }
  }
  return flags;
}

/** The flags given that are query parameters of the API. */
function queryOf(call: Call): Record<string, string> {
  const own = new Set(["codec", "output", "name", "workers"]);
  return Object.fromEntries(Object.entries(call.texts).filter(([name]) => !own.has(name)));
}

export function workersOf(call: Call): number | undefined {
  const text = call.text("workers");
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError("--workers must be a whole number from 1 to 999.");
  return Number(text);
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CorpusFile } from "./corpus";
import type { Measurement } from "./results";

/** A compressor that Debian packages. The shell lines know $INPUT, $ARCHIVE and $FOLDER, where the file goes back. */
interface Peer {
  readonly name: string;
  readonly settings: string;
  readonly program: string;
  readonly compress: string;
  readonly decompress: string;
}

/** With one thread each, since it is CPU seconds that are compared. */
const PEERS: readonly Peer[] = [
  zstd("-3"),
  zstd("-19 --long=27"),
  zstd("--ultra -22 --long=27"),
  {
    name: "xz",
    settings: "-9e",
    program: "xz",
    compress: 'xz -9e -T1 -c "$INPUT" > "$ARCHIVE"',
    decompress: 'xz -dc "$ARCHIVE" > "$FOLDER/file"',
  },
  {
    name: "brotli",
    settings: "-q 11 --large_window=27",
    program: "brotli",
    compress: 'brotli -q 11 --large_window=27 "$INPUT" -o "$ARCHIVE"',
    decompress: 'brotli -d --large_window=27 "$ARCHIVE" -o "$FOLDER/file"',
  },
  {
    name: "7z",
    settings: "PPMd o=32 mem=1g",
    program: "7zz",
    compress: '7zz a -bd -mmt=1 -m0=PPMd:o=32:mem=1g "$ARCHIVE" "$INPUT"',
    decompress: '7zz e -bd "-o$FOLDER" "$ARCHIVE"',
  },
  {
    name: "bzip3",
    settings: "-b 64",
    program: "bzip3",
    compress: 'bzip3 -e -b 64 "$INPUT" "$ARCHIVE"',
    decompress: 'bzip3 -d "$ARCHIVE" "$FOLDER/file"',
  },
  {
    name: "zpaq",
    settings: "-m5",
    program: "zpaq",
    compress: 'zpaq add "$ARCHIVE" "$INPUT" -m5 -t1',
    decompress: 'zpaq extract "$ARCHIVE" "$INPUT" -to "$FOLDER/file" -t1',
  },
];

function zstd(settings: string): Peer {
  return {
    name: "zstd",
    settings,
    program: "zstd",
    compress: `zstd ${settings} -q --single-thread "$INPUT" -o "$ARCHIVE"`,
    decompress: 'zstd -dq --long=27 "$ARCHIVE" -o "$FOLDER/file"',
  };
}

/** The peers whose programs this machine has. */
export function installedPeers(): Peer[] {
  return PEERS.filter(({ program }) => Bun.which(program));
}

/** Runs a peer on a file; its CPU seconds are those of its processes. @throws Error when the peer fails */
export function measurePeer(peer: Peer, file: CorpusFile, scratch: string): Measurement {
  const folder = mkdtempSync(join(scratch, "peer-"));
  // Some name their archive by its ending.
  const archive = join(scratch, `archive.${peer.name}`);
  try {
    const environment = { ...process.env, INPUT: file.path, ARCHIVE: archive, FOLDER: folder };
    const encodeSeconds = shell(peer.compress, environment);
    const decodeSeconds = shell(peer.decompress, environment);
    return {
      format: file.format,
      file: file.file,
      coder: peer.name,
      level: peer.settings,
      params: "",
      originalBytes: file.size,
      compressedBytes: statSync(archive).size,
      encodeSeconds,
      decodeSeconds,
      exact: restored(folder).equals(readFileSync(file.path)),
      kind: "peer",
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(archive, { force: true });
  }
}

/** Runs a line and returns its CPU seconds, those of the shell's children included, since it waits for them. */
function shell(line: string, env: NodeJS.ProcessEnv): number {
  const { exitCode, resourceUsage, stderr } = Bun.spawnSync(["sh", "-c", line], { env, stdout: "ignore" });
  if (exitCode !== 0) throw new Error(`${line}\nended with ${exitCode}: ${stderr.toString().trim()}`);
  return Number(resourceUsage.cpuTime.total) / 1e6;
}

function restored(folder: string): Buffer {
  const [name] = readdirSync(folder);
  return name ? readFileSync(join(folder, name)) : Buffer.alloc(0);
}

/** The columns of a table of peers that were run elsewhere: tab-separated, `set` names a collection of files. */
const TABLE_COLUMNS = [
  "format",
  "set",
  "file",
  "peer",
  "version",
  "settings",
  "original_bytes",
  "compressed_bytes",
  "cpu_s_compress",
  "cpu_s_decompress",
  "exact_roundtrip",
] as const;

/** Rows of such a table for files that are being measured; a file counts as the same by format, name and size. */
export function readPeerTable(path: string, files: readonly CorpusFile[]): Measurement[] {
  const [head, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  if (head !== TABLE_COLUMNS.join("\t"))
    throw new Error(`${path} does not have the columns ${TABLE_COLUMNS.join(", ")}`);
  const known = new Set(files.map(({ format, file, size }) => [format, file, size].join("\t")));
  return lines.map(tableRow).filter((row) => known.has([row.format, row.file, row.originalBytes].join("\t")));
}

function tableRow(line: string): Measurement {
  const fields = line.split("\t");
  const field = (column: (typeof TABLE_COLUMNS)[number]) => fields[TABLE_COLUMNS.indexOf(column)] ?? "";
  return {
    format: field("format"),
    file: field("file"),
    coder: `${field("peer")} (table)`,
    level: field("settings"),
    params: "",
    originalBytes: Number(field("original_bytes")),
    compressedBytes: Number(field("compressed_bytes")),
    encodeSeconds: Number(field("cpu_s_compress")),
    decodeSeconds: Number(field("cpu_s_decompress")),
    exact: field("exact_roundtrip") === "yes",
    kind: "peer",
  };
}

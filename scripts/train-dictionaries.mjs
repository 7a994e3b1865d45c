/**
 * `node scripts/train-dictionaries.mjs`: trains the dictionaries of the web model (`wasm/crates/web/dictionaries`) and
 * what the general model has read before it sees any text (`wasm/crates/general/dictionaries`) from packages with
 * permissive licences, which npm fetches at the pinned versions; the latter ends with samples of other common kinds. Once released, a dictionary never
 * changes: a better one gets a new number beside the old one, in `VERSION` here and in the model. `--packages FOLDER`
 * keeps what was fetched there.
 *
 * Text is chosen as by COVER (Liao, Petri, Moffat and Wirth, "Effective construction of relative Lempel-Ziv
 * dictionaries", 2016): pieces whose 8-byte strings most other packages contain too, each string counted once.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SOURCES } from "./dictionary-sources.mjs";

const VERSION = 1;
const SCRIPTS = dirname(fileURLToPath(import.meta.url));
const CRATES = join(dirname(SCRIPTS), "wasm", "crates");
const OUTPUT = join(CRATES, "web", "dictionaries");
const GENERAL = join(CRATES, "general", "dictionaries");
/** Bytes of each dictionary, which each worker reads once: half a second for the largest. */
const SIZES = { js: 384 << 10, css: 256 << 10, html: 128 << 10 };
/** Bytes of each kind in the text of the general model, in their order: what comes last is remembered best. */
const GENERAL_SIZES = { html: 6 << 10, css: 8 << 10, js: 18 << 10, prose: 40 << 10 };
/** A piece ends at the first end of a line or statement from here on. */
const PIECE_BYTES = 500;
const LONGEST_PIECE = 1000;
const STRING = 8;
const TABLE_BITS = 24;

const kept = process.argv.includes("--packages") ? process.argv[process.argv.indexOf("--packages") + 1] : undefined;
const workshop = kept ?? mkdtempSync(join(tmpdir(), "dictionaries-"));
try {
  const quoted = new Set([...Object.keys(SIZES).flatMap(train), ...trainGeneral()]);
  const notices = SOURCES.filter(({ name }) => quoted.has(name)).map(noticeOf);
  writeFileSync(join(OUTPUT, "notices.json"), `${JSON.stringify(notices, null, 1)}\n`);
} finally {
  if (!kept) rmSync(workshop, { recursive: true });
}

/** Writes the dictionary; gives the names of the packages that it quotes. */
function train(type) {
  const { bytes, quoted } = select(type, SIZES[type]);
  writeFileSync(join(OUTPUT, `${type}-${VERSION}.txt`), bytes);
  return quoted;
}

/** The same for the text of the general model. */
function trainGeneral() {
  const parts = Object.entries(GENERAL_SIZES).map(([type, size]) => select(type, size));
  const samples = readFileSync(join(SCRIPTS, "dictionary-samples.txt"));
  writeFileSync(join(GENERAL, `text-${VERSION}.txt`), Buffer.concat([...parts.map(({ bytes }) => bytes), samples]));
  return parts.flatMap(({ quoted }) => quoted);
}

/** The best `size` bytes of a type, and the names of the packages that they quote. */
function select(type, size) {
  const packages = SOURCES.filter((source) => filesOf(source, type).length > 0);
  const texts = packages.map((source) =>
    filesOf(source, type).map((file) => readFileSync(join(fetched(source.name), file))),
  );
  const pieces = texts.flatMap((files, owner) =>
    files.flatMap((text) => [...cut(text)].map((bytes) => ({ bytes, owner }))),
  );
  const chosen = choose(pieces, size);
  const quoted = [...new Set(chosen.map((piece) => packages[piece.owner].name))];
  console.log(`${type}: ${chosen.length} of ${pieces.length} pieces, from ${quoted.length} packages`);
  return { bytes: Buffer.concat(chosen.map((piece) => piece.bytes)), quoted };
}

/** Prose is what packages say of themselves. */
function filesOf(source, type) {
  if (type !== "prose") return source[type] ?? [];
  return readdirSync(fetched(source.name)).filter((file) => /^readme\.md$/i.test(file));
}

/** The folder of a package, fetched if need be. npm checks it against the registry's digest. */
function fetched(name) {
  const folder = join(
    workshop,
    name
      .replace(/^@/, "")
      .replaceAll("/", "-")
      .replace(/@([^@]*)$/, "-$1"),
  );
  if (existsSync(folder)) return folder;
  const packed = spawnSync("npm", ["pack", "--silent", name], { cwd: workshop, encoding: "utf8" });
  if (packed.status !== 0) throw new Error(`npm cannot fetch ${name}: ${packed.stderr}`);
  mkdirSync(folder);
  const archive = join(workshop, packed.stdout.trim().split("\n").at(-1));
  const unpacked = spawnSync("tar", ["xzf", archive, "-C", folder, "--strip-components=1", "--no-same-owner"]);
  if (unpacked.status !== 0) throw new Error(`tar cannot unpack ${archive}`);
  return folder;
}

function* cut(text) {
  for (let at = 0; at < text.length; ) {
    const most = Math.min(text.length, at + LONGEST_PIECE);
    let end = Math.min(text.length, at + PIECE_BYTES);
    while (end < most && !endsPiece(text, end)) end += 1;
    yield text.subarray(at, end);
    at = end;
  }
}

function endsPiece(text, at) {
  const [last, before] = [text[at - 1], text[at - 2]];
  return last === 10 || ((last === 59 || last === 44) && (before === 125 || before === 41));
}

/** The pieces worth most, the best last, where the models remember best. */
function choose(pieces, size) {
  const owners = countOwners(pieces);
  const covered = new Uint8Array(1 << TABLE_BITS);
  const queue = pieces.map((piece) => ({ piece, worth: worth(piece, owners, covered) }));
  queue.sort(byWorth);
  const chosen = [];
  for (let total = 0; total < size && queue.length > 0; ) {
    const best = queue.shift();
    const now = worth(best.piece, owners, covered);
    if (queue.length > 0 && now < queue[0].worth) {
      insert(queue, { piece: best.piece, worth: now });
      continue;
    }
    if (now === 0) break;
    for (const place of strings(best.piece.bytes)) covered[place] = 1;
    chosen.push(best.piece);
    total += best.piece.bytes.length;
  }
  return chosen.reverse();
}

function byWorth(a, b) {
  return b.worth - a.worth;
}

function insert(queue, entry) {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle].worth >= entry.worth) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, entry);
}

/** In how many packages each string stands. */
function countOwners(pieces) {
  const owners = new Uint8Array(1 << TABLE_BITS);
  const latest = new Uint8Array(1 << TABLE_BITS).fill(255);
  for (const { bytes, owner } of pieces) {
    for (const place of strings(bytes)) {
      if (latest[place] === owner) continue;
      latest[place] = owner;
      owners[place] += 1;
    }
  }
  return owners;
}

function worth({ bytes }, owners, covered) {
  let sum = 0;
  for (const place of strings(bytes)) {
    if (!covered[place] && owners[place] > 1) sum += Math.log2(owners[place]);
  }
  return sum / bytes.length;
}

function* strings(bytes) {
  for (let at = 0; at + STRING <= bytes.length; at++) {
    let hash = 0x811c9dc5;
    for (let i = at; i < at + STRING; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    yield (hash ^ (hash >>> 15)) >>> (32 - TABLE_BITS);
  }
}

/** The licence of a package, as `scripts/notices.ts` prints it. */
function noticeOf({ name }) {
  const folder = fetched(name);
  const { license, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying|mit-license)/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim() : "";
  return { name: name.slice(0, name.lastIndexOf("@")), version, license, text };
}

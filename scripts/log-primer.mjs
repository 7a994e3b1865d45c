/**
 * `node scripts/log-primer.mjs`: writes what the model `structured` has read before it sees any log
 * (`wasm/crates/structured/primers`). Every line is made up: `log-primer-templates.txt` says how programs write, and the
 * values come from a generator of random numbers with a fixed seed. Once released, a primer never changes.
 *
 * `--without KIND` leaves one kind out, `--output FILE` writes elsewhere: to measure what the primer is worth to a kind
 * that it does not hold.
 *
 * A kind begins with `## NAME START STEP`: when its first record was written, and how many seconds pass between two at
 * most. Its templates follow, one a line; `+` begins a further line of the record above. `2*` before a template has it
 * written twice, the second time behind all others. More than once is seldom worth the time: each process reads all of
 * it before its first log, a tenth of a second for 20 KB. Values stand between « and »: see `VALUES`. With
 * `:LABEL` behind its name, a value is the same wherever its record has the label.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = 1;
const SCRIPTS = dirname(fileURLToPath(import.meta.url));
const PRIMER = join(dirname(SCRIPTS), "wasm", "crates", "structured", "primers", `logs-${VERSION}.txt`);

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
/** From the blocks that are set aside for documentation (RFC 5737), and private ones (RFC 1918). */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113", "10.0.12", "10.20.3", "192.168.1", "172.16.5"];
const HEXADECIMAL = "0123456789abcdef";
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** Mulberry32, as a function that gives a whole number below `limit`. */
function randomNumbers(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** What can stand between « and », given the kind's state and the words behind the name. */
const VALUES = {
  /** The time as by `strftime`; %L are milliseconds, %f microseconds, %t an ISO time to the second. */
  time: (kind, words) => formatTime(kind.now, words.join(" ")),
  /** A number between two. */
  n: (kind, [low, high]) => String(Number(low) + kind.random(high - low + 1)),
  /** A number with digits behind the point. */
  real: (kind, [low, high, digits]) => (Number(low) + (kind.random(1e6) / 1e6) * (high - low)).toFixed(digits),
  /** A number that grows by at most so much, and may be padded to a width. */
  count: (kind, [name, start, most, width = 0]) => {
    const before = kind.counters.get(name);
    const value = before === undefined ? Number(start) : before + 1 + kind.random(Number(most));
    kind.counters.set(name, value);
    return String(value).padStart(width, "0");
  },
  /** One of those between bars. */
  of: (kind, words) => {
    const all = words.join(" ").split("|");
    return all[kind.random(all.length)];
  },
  ip: (kind) => `${NETWORKS[kind.random(NETWORKS.length)]}.${1 + kind.random(254)}`,
  hex: (kind, [digits]) => text(kind, HEXADECIMAL, digits),
  HEX: (kind, [digits]) => text(kind, HEXADECIMAL, digits).toUpperCase(),
  id: (kind, [length]) => text(kind, LETTERS, length),
  uuid: (kind) => [8, 4, 4, 4, 12].map((digits) => text(kind, HEXADECIMAL, digits)).join("-"),
};

function text(kind, alphabet, length) {
  return Array.from({ length: Number(length) }, () => alphabet[kind.random(alphabet.length)]).join("");
}

function formatTime(milliseconds, format) {
  const date = new Date(milliseconds);
  const two = (value) => String(value).padStart(2, "0");
  const parts = {
    Y: date.getUTCFullYear(),
    y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1),
    d: two(date.getUTCDate()),
    e: String(date.getUTCDate()).padStart(2),
    H: two(date.getUTCHours()),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    b: MONTHS[date.getUTCMonth()],
    a: DAYS[date.getUTCDay()],
    L: String(date.getUTCMilliseconds()).padStart(3, "0"),
    f: `${String(date.getUTCMilliseconds()).padStart(3, "0")}${((milliseconds * 7) % 900) + 100}`,
    s: String(Math.floor(milliseconds / 1000)),
    T: date.toISOString().slice(11, 19),
    F: date.toISOString().slice(0, 10),
    t: date.toISOString().slice(0, 19),
  };
  return format.replace(/%(\w)/g, (_, letter) => parts[letter]);
}

/** The kinds of the template file, in its order. */
function readKinds(file) {
  return file
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading, ...lines] = section.trimEnd().split("\n");
      const [name, start, step] = heading.split(" ");
      return { name, start: Date.parse(`${start}Z`), step: Number(step), templates: readTemplates(lines) };
    });
}

function readTemplates(lines) {
  const templates = [];
  for (const line of lines) {
    if (line.startsWith("+")) {
      templates.at(-1).text += `\n${line.slice(1)}`;
      continue;
    }
    const [, times, text] = /^(?:(\d+)\*)?(.*)$/.exec(line);
    templates.push({ times: Number(times ?? 1), text });
  }
  return templates;
}

/** The lines of a kind. */
function write({ name, start, step, templates }) {
  const seed = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 1);
  const state = { random: randomNumbers(seed | 0), now: start, counters: new Map() };
  const most = Math.max(...templates.map(({ times }) => times));
  const rounds = Array.from({ length: most }, (_, round) => templates.filter(({ times }) => times > round));
  return rounds
    .flat()
    .map(({ text }) => `${fill(text, state, step)}\n`)
    .join("");
}

function fill(template, state, step) {
  const labelled = new Map();
  state.now += state.random(1000 * step);
  return template.replace(/«(\w+)(?::(\w+))?(?: ([^»]*))?»/g, (_, name, label, words = "") => {
    const make = () => VALUES[name](state, words.split(" "));
    if (label === undefined) return make();
    if (!labelled.has(label)) labelled.set(label, make());
    return labelled.get(label);
  });
}

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const kinds = readKinds(readFileSync(join(SCRIPTS, "log-primer-templates.txt"), "utf8"));
const chosen = kinds.filter(({ name }) => name !== option("--without"));
writeFileSync(option("--output") ?? PRIMER, chosen.map(write).join(""));

/**
 * Writes THIRD-PARTY-NOTICES.md from the packages that go into the executable; with `--check` only tells whether it
 * is current. Packages come from the lock file, their licences from what is installed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CRATE_LICENSES, NATIVE_PARTS } from "./native-parts";

const ROOT = dirname(import.meta.dir);
const OUTPUT = join(ROOT, "THIRD-PARTY-NOTICES.md");
/** Written by `scripts/train-dictionaries.mjs`. */
const QUOTED = "wasm/crates/web/dictionaries/notices.json";

interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

interface LockEntry {
  version: string;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  license?: string;
}

interface Crate {
  name: string;
  version: string;
  source?: string;
}

const MODULES = "node_modules/";

/** Packages that differ by machine are among the native parts. */
function shippedPackages(): Notice[] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages as Record<string, LockEntry>)
    .filter(([path, entry]) => path && !entry.dev && !entry.optional && !entry.devOptional)
    .map(([path, entry]) => ({
      name: path.slice(path.lastIndexOf(MODULES) + MODULES.length),
      version: entry.version,
      license: entry.license ?? "see its text",
      text: licenseText(join(ROOT, path)),
    }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** Rust crates inside the WebAssembly models. */
function shippedCrates(): string[] {
  const lock = Bun.TOML.parse(readFileSync(join(ROOT, "wasm/Cargo.lock"), "utf8")) as { package: Crate[] };
  return lock.package
    .filter(({ source }) => source !== undefined)
    .map(({ name, version }) => {
      const license = CRATE_LICENSES[name];
      if (!license) throw new Error(`scripts/native-parts.ts does not know the licence of the crate ${name}`);
      return `- ${name} ${version} (${license})`;
    });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function licenseText(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names
    .filter((name) => /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}

/** Each text once, under all the packages that carry it. */
function byText(notices: readonly Notice[]): Map<string, Notice[]> {
  const groups = new Map<string, Notice[]>();
  for (const notice of notices) {
    // Line breaks and indentation differ between copies of one licence.
    const key = notice.text.replace(/\s+/g, " ");
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  return groups;
}

function render(): string {
  const lines = [
    "# Third-party notices",
    "",
    "What the executable contains besides its own code. Made by `bun scripts/notices.ts`; do not edit.",
    "",
    "## Native parts",
    "",
    ...NATIVE_PARTS.flatMap(({ name, license, use, source }) => [`- **${name}** (${license}): ${use} ${source}`]),
    "",
    "## Rust crates, inside the WebAssembly models",
    "",
    ...shippedCrates(),
    "",
    "## Packages",
    "",
  ];
  lines.push(...list(shippedPackages()), "## Packages that the dictionaries of web assets quote", "");
  lines.push(...list(JSON.parse(readFileSync(join(ROOT, QUOTED), "utf8"))));
  return lines.join("\n");
}

function list(notices: readonly Notice[]): string[] {
  return [...byText(notices).values()].flatMap((group) => [
    ...group.map(({ name, version, license }) => `- ${name} ${version} (${license})`),
    "",
    ...(group[0]!.text
      ? ["```", group[0]!.text.replaceAll("```", "'''"), "```", ""]
      : ["(The package carries no licence text.)", ""]),
  ]);
}

const notices = render();
if (process.argv.includes("--check")) {
  const current = existsSync(OUTPUT) && readFileSync(OUTPUT, "utf8") === notices;
  if (!current) console.error("THIRD-PARTY-NOTICES.md is out of date: run `npm run notices`.");
  process.exitCode = current ? 0 : 1;
} else {
  await Bun.write(OUTPUT, notices);
}

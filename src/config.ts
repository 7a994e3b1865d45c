import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** How a setting's text becomes a value; the error text completes "SETTING must be ...". */
interface Kind<T> {
  parse(text: string): T | undefined;
  expected: string;
}

const text: Kind<string> = { parse: (value) => value, expected: "text" };
const flag: Kind<boolean> = {
  parse: (value) =>
    ({ true: true, "1": true, yes: true, false: false, "0": false, no: false })[value.toLowerCase()],
  expected: "true or false",
};
const list: Kind<readonly string[]> = {
  parse: (value) => value.split(",").flatMap((item) => item.trim() || []),
  expected: "a comma-separated list",
};

function integer(minimum: number, maximum: number): Kind<number> {
  return {
    parse(value) {
      const number = Number(value);
      return /^\d+$/.test(value) && number >= minimum && number <= maximum ? number : undefined;
    },
    expected: `a whole number from ${minimum} to ${maximum}`,
  };
}

function oneOf<const T extends string>(...words: T[]): Kind<T> {
  return { parse: (value) => words.find((word) => word === value), expected: words.join(", ") };
}

interface Setting<T> {
  kind: Kind<T>;
  fallback: T;
  help: string;
  /** Environment variables besides `SMALLEST_<NAME>` that many tools share. */
  also?: string;
  secret?: boolean;
}

function setting<T>(
  kind: Kind<T>,
  fallback: NoInfer<T>,
  help: string,
  more: { also?: string; secret?: boolean } = {},
) {
  return { kind, fallback, help, ...more } satisfies Setting<T>;
}

/**
 * Every setting of the appliance. Its name is the key in `smallest.toml`; the flag is `--max-upload-bytes`, the
 * environment variable `SMALLEST_MAX_UPLOAD_BYTES`. A flag wins over the environment, the environment over the file.
 */
export const SETTINGS = {
  host: setting(text, "127.0.0.1", "Address to listen on; 0.0.0.0 opens it to the network."),
  port: setting(integer(0, 65535), 7171, "Port to listen on; 0 takes any free one."),
  data: setting(text, defaultDataDirectory(), "Directory for the database, spool files and local storage."),
  publicUrl: setting(text, "", "Address under which users reach the server, for links (behind a proxy)."),
  database: setting(text, "", "PostgreSQL URL; empty for the SQLite file in the data directory.", {
    also: "DATABASE_URL",
    secret: true,
  }),
  storage: setting(
    oneOf("settings", "local", "s3", "none"),
    "settings",
    "Where archives go: local disk, s3, none, or `settings` to choose on the settings page (local until then).",
  ),
  storageDirectory: setting(text, "", "Directory of local storage; empty for `objects` in the data directory."),
  s3Endpoint: setting(text, "", "S3 endpoint URL; empty for Amazon's."),
  s3Region: setting(text, "us-east-1", "S3 region."),
  s3Bucket: setting(text, "", "S3 bucket."),
  s3Prefix: setting(text, "", "Prefix of all object keys in the bucket."),
  s3PathStyle: setting(flag, true, "Address the bucket in the path instead of the host name."),
  s3AccessKeyId: setting(text, "", "S3 access key.", { also: "AWS_ACCESS_KEY_ID" }),
  s3SecretAccessKey: setting(text, "", "S3 secret key.", { also: "AWS_SECRET_ACCESS_KEY", secret: true }),
  workers: setting(integer(0, 256), 0, "Compression workers; 0 for one per core, at least two."),
  maxUploadBytes: setting(integer(1, Number.MAX_SAFE_INTEGER), 2 ** 40, "Largest upload accepted, in bytes."),
  maxConcurrentUploads: setting(integer(1, 10_000), 64, "Uploads handled at once; more are answered with 503."),
  rateLimit: setting(integer(0, 1_000_000), 6000, "Requests a minute for each key; 0 for no limit."),
  trustedProxies: setting(list, [], "Addresses of reverse proxies whose X-Forwarded-For is believed."),
  accessLog: setting(flag, true, "Write one JSON line a request to standard error."),
  sweepMinutes: setting(integer(1, 10_080), 10, "Minutes between sweeps of objects that nothing refers to."),
  shutdownSeconds: setting(integer(0, 3_600), 30, "Seconds that running work has to finish when the server stops."),
  ffmpeg: setting(text, "", "An FFmpeg executable to use for video instead of the built-in engine."),
};

export type SettingName = keyof typeof SETTINGS;
export type Config = { [Name in SettingName]: (typeof SETTINGS)[Name]["fallback"] };

/** A setting that cannot be used: the command line prints it and exits with the usage code. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads all settings. `flags` maps setting names to text; `environment` defaults to the process's. */
export function loadConfig(
  flags: Partial<Record<SettingName, string>> = {},
  environment: Record<string, string | undefined> = process.env,
): Config {
  const dataDirectory = flags.data ?? environment.SMALLEST_DATA ?? SETTINGS.data.fallback;
  const file = readConfigFile(join(dataDirectory, "smallest.toml"));
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const found = [
      { from: `--${flagName(name)}`, text: flags[name] },
      { from: variableName(name), text: environment[variableName(name)] },
      { from: setting.also ?? "", text: setting.also ? environment[setting.also] : undefined },
      { from: `${name} in smallest.toml`, text: file[name] },
    ].find((candidate) => candidate.text !== undefined);
    config[name] = found?.text === undefined ? setting.fallback : parseSetting(setting, found.from, found.text);
  }
  config.data = resolve(config.data as string);
  return config as Config;
}

function parseSetting(setting: Setting<unknown>, from: string, text: string): unknown {
  const value = setting.kind.parse(text);
  if (value === undefined) throw new ConfigError(`${from} must be ${setting.kind.expected}, not "${text}".`);
  return value;
}

function readConfigFile(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  let parsed: Record<string, unknown>;
  try {
    parsed = Bun.TOML.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`${path} is not valid TOML: ${(error as Error).message}`);
  }
  const unknown = Object.keys(parsed).filter((name) => !(name in SETTINGS));
  if (unknown.length > 0) throw new ConfigError(`${path} has settings that do not exist: ${unknown.join(", ")}.`);
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}

/** `maxUploadBytes` -> `max-upload-bytes`. */
export function flagName(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxUploadBytes` -> `SMALLEST_MAX_UPLOAD_BYTES`. */
export function variableName(name: SettingName): string {
  return `SMALLEST_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
}

function defaultDataDirectory(): string {
  if (process.getuid?.() === 0) return "/var/lib/smallest";
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "smallest");
}

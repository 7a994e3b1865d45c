import { ConfigError } from "../config";
import { Refusal } from "../errors";
import { type Command, EXIT, helpOf, readCall, UsageError } from "./command";

/** Refusals that mean that the program was called wrongly, not that the input is bad. */
const USAGE_KINDS = new Set(["unknown_parameter", "bad_parameter", "unknown_codec", "unknown_format"]);
/** Refusals that are nobody's fault out there. */
const INTERNAL_KINDS = new Set(["internal", "compression_failed", "disk_full"]);
/** System errors about the files that were named. */
const FILE_ERRORS: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EISDIR: "that is a directory",
  ENOTDIR: "that is no directory",
  EEXIST: "that exists already",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "the link leads nowhere",
};

/**
 * Runs the command that `words` name and resolves to the exit code: 0 ok, 1 bad input, 2 usage, 3 damaged archive,
 * 4 internal.
 */
export async function run(commands: Readonly<Record<string, Command>>, words: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = words;
  if (name === "--version") return run(commands, ["version"]);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (["help", "--help", "-h"].includes(name)) return help(commands, rest[0]);
    if (!command) throw new UsageError(`There is no command "${name}".`);
    if (rest.some((word) => word === "--help" || word === "-h")) return help(commands, name);
    return await command.run(readCall(command, rest));
  } catch (error) {
    return explain(error, command ? name : undefined);
  }
}

function help(commands: Readonly<Record<string, Command>>, name?: string): number {
  if (name) {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(`There is no command "${name}".`);
    console.log(helpOf(name, command));
    return EXIT.ok;
  }
  const rows = Object.entries(commands).map(([word, { summary }]) => `  ${word.padEnd(12)} ${summary}`);
  console.log(["Smallest keeps files far smaller and gives every one of them back.", "", ...rows].join("\n"));
  console.log("\n`smallest help COMMAND` tells more of one.");
  return EXIT.ok;
}

function explain(error: unknown, command?: string): number {
  if (error instanceof UsageError || error instanceof ConfigError) {
    console.error(`smallest: ${error.message} See \`smallest help${command ? ` ${command}` : ""}\`.`);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    console.error(`smallest: ${error.message}`);
    if (USAGE_KINDS.has(error.kind)) return EXIT.usage;
    if (error.kind === "damaged") return EXIT.damaged;
    return INTERNAL_KINDS.has(error.kind) ? EXIT.internal : EXIT.badInput;
  }
  const { code = "", path, message } = (error ?? {}) as NodeJS.ErrnoException;
  // Whoever reads the output has seen enough.
  if (code === "EPIPE") return EXIT.badInput;
  const about = FILE_ERRORS[code];
  console.error(`smallest: ${about ? `${path ?? "a file"}: ${about}.` : (message ?? String(error))}`);
  return about ? EXIT.badInput : EXIT.internal;
}

import { parseArgs } from "node:util";

/** A way to call the program wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit codes of every command. */
export const EXIT = { ok: 0, badInput: 1, usage: 2, damaged: 3, internal: 4 } as const;

export interface Flag {
  /** `text` takes a value, `switch` does not. */
  readonly kind: "text" | "switch";
  readonly short?: string;
  /** What stands for the value in the help text. */
  readonly value?: string;
  readonly help: string;
}

export interface Call {
  readonly positionals: readonly string[];
  /** The value of a text flag. */
  text(name: string): string | undefined;
  has(name: string): boolean;
  /** Every text flag given, by name. */
  readonly texts: Readonly<Record<string, string>>;
}

export interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Resolves to the exit code. */
  run(call: Call): Promise<number>;
}

/** Reads the words after a command's name. @throws UsageError */
export function readCall(command: Command, words: string[]): Call {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, { kind, short }]) => [
      name,
      { type: kind === "text" ? ("string" as const) : ("boolean" as const), ...(short ? { short } : {}) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true, strict: true });
    const texts: Record<string, string> = {};
    for (const [name, value] of Object.entries(values)) if (typeof value === "string") texts[name] = value;
    return { positionals, texts, text: (name) => texts[name], has: (name) => values[name] === true };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The help page of one command. */
export function helpOf(name: string, command: Command): string {
  const rows = Object.entries(command.flags).map(([flag, { kind, short, value, help }]) => {
    const left = `${short ? `-${short}, ` : ""}--${flag}${kind === "text" ? ` ${value ?? "VALUE"}` : ""}`;
    return `  ${left.padEnd(34)} ${help}`;
  });
  return [`${command.summary}`, "", `Usage: smallest ${name} ${command.usage}`.trimEnd(), "", ...rows].join("\n");
}

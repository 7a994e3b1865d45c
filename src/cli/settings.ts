import { type Config, flagName, loadConfig, SETTINGS, type SettingName, variableName } from "../config";
import type { Call, Flag } from "./command";

/** Flags for some settings; all of them by default. */
export function settingFlags(names = Object.keys(SETTINGS) as SettingName[]): Record<string, Flag> {
  return Object.fromEntries(
    names.map((name) => {
      const { help, fallback } = SETTINGS[name];
      const shown = Array.isArray(fallback) ? fallback.join(",") : String(fallback);
      const usual = shown === "" ? "" : ` Default ${shown}.`;
      return [flagName(name), { kind: "text", help: `${help}${usual} (${variableName(name)})` } satisfies Flag];
    }),
  );
}

/** The settings as flags, environment and file give them. */
export function configOf(call: Call): Config {
  const names = Object.keys(SETTINGS) as SettingName[];
  return loadConfig(
    Object.fromEntries(
      names.flatMap((name) => {
        const value = call.text(flagName(name));
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  );
}

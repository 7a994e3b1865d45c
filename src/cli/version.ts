import manifest from "../../package.json";
import { FORMAT_VERSION } from "../archive/format";
import { type Command, EXIT } from "./command";

export const version: Command = {
  usage: "",
  summary: "Print the version.",
  flags: { json: { kind: "switch", help: "Print JSON." } },

  async run(call) {
    const facts = { version: manifest.version, archiveFormat: FORMAT_VERSION, bun: Bun.version };
    console.log(
      call.has("json") ? JSON.stringify(facts) : `smallest ${facts.version} (archive format ${FORMAT_VERSION})`,
    );
    return EXIT.ok;
  },
};

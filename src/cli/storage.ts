import { openAdministration } from "../vault/administration";
import { StoreRoom } from "../vault/store-room";
import { type Command, EXIT, UsageError } from "./command";
import { configOf, settingFlags } from "./settings";

export const storage: Command = {
  usage: "test",
  summary: "Write, read and remove a small object in the configured storage.",
  flags: { json: { kind: "switch", help: "Print JSON." }, ...settingFlags() },

  async run(call) {
    if (call.positionals.join(" ") !== "test") throw new UsageError("Usage: storage test.");
    const config = configOf(call);
    const { repository, secrets } = await openAdministration(config);
    try {
      const stores = await StoreRoom.open(config, repository, secrets);
      await (await stores.require()).check();
      const { settings } = stores;
      await stores.close();
      console.log(
        call.has("json") ? JSON.stringify({ ok: true, storage: settings }) : `The ${settings.kind} storage works.`,
      );
      return EXIT.ok;
    } finally {
      await repository.close();
    }
  },
};

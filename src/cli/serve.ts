import { join } from "node:path";
import type { Config } from "../config";
import { compressImage } from "../media/image";
import { compressVideo } from "../media/video";
import { type ServerOptions, startServer } from "../server/server";
import type { MediaEngines } from "../server/services";
import type { Welcome } from "../vault/administration";
import { openVault } from "../vault/open";
import type { Vault } from "../vault/vault";
import { type Command, EXIT, UsageError } from "./command";
import { configOf, settingFlags } from "./settings";

export const serve: Command = {
  usage: "[--host H] [--port N] [--data DIR]",
  summary: "Run the appliance: REST API and web page.",
  flags: settingFlags(),

  async run(call) {
    if (call.positionals.length > 0) throw new UsageError("serve takes no files.");
    const config = configOf(call);
    const { vault, greet } = await openVault(config);
    const server = await startServer(serverOptions(config, vault)).catch(async (error) => {
      await vault.close(0);
      throw error;
    });
    const address = config.publicUrl || server.url;
    const stopped = untilSignal();
    const welcome = await greet();
    console.log([`Smallest listens on ${address}`, ...(welcome ? greeting(address, welcome) : [])].join("\n"));
    await stopped;
    console.log("Stopping: waiting for running work.");
    await server.stop(config.shutdownSeconds * 1000);
    await vault.close(config.shutdownSeconds * 1000);
    return EXIT.ok;
  },
};

function serverOptions(config: Config, vault: Vault): ServerOptions {
  const { host, port, maxUploadBytes, rateLimit, trustedProxies, accessLog } = config;
  const limits = { uploadBytes: maxUploadBytes };
  return { vault, media: mediaEngines(config), host, port, limits, rateLimit, trustedProxies, accessLog };
}

function mediaEngines({ data, ffmpeg }: Config): MediaEngines {
  const settings = { cacheDirectory: join(data, "cache"), ffmpeg };
  return {
    compressImage,
    compressVideo: (input, output, options) => compressVideo(input, output, { ...options, settings }),
  };
}

/** Everything a newcomer needs, shown this once. */
function greeting(address: string, { key, setupToken }: Welcome): string[] {
  return [
    "",
    "This is the first start. Note the administrator's key now; it is kept nowhere in this form:",
    "",
    `  ${key}`,
    "",
    "Or open this link once within a day to sign in on the web page:",
    "",
    `  ${address}/#setup=${setupToken}`,
    "",
  ];
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

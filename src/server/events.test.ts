import { expect, test } from "bun:test";
import type { Vault } from "../vault/vault";
import { startServer } from "./server";
import type { MediaEngines } from "./services";

test("whoever asks for the head of the events alone is not sent them for ever", async () => {
  let listening: AbortSignal | undefined;
  const vault: Pick<Vault, "authenticate" | "events"> = {
    authenticate: async (_key, origin) => ({ id: "key", spaceId: "space", scopes: ["read"], origin }),
    async *events(_actor, signal) {
      listening = signal;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  };
  const server = await startServer({
    vault: vault as Vault,
    media: {} as MediaEngines,
    host: "127.0.0.1",
    port: 0,
  });
  try {
    const { status } = await fetch(`${server.url}/api/events`, { method: "HEAD", headers: { "x-api-key": "any" } });
    expect(status).toBe(200);
    while (!listening?.aborted) await Bun.sleep(5);
  } finally {
    await server.stop(0);
  }
});

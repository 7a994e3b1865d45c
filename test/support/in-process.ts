import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config";
import { openDatabase } from "../../src/database/open";
import type { Repository, Scope } from "../../src/database/repository";
import { compressImage } from "../../src/media/image";
import { compressVideo } from "../../src/media/video";
import { type RunningServer, type ServerOptions, startServer } from "../../src/server/server";
import type { Welcome } from "../../src/vault/administration";
import { openVault } from "../../src/vault/open";
import type { Vault } from "../../src/vault/vault";
import { Client, jsonRequest } from "./client";

/** A whole appliance inside the test's process, where its engines and limits can be replaced. */
export class Appliance extends Client {
  private constructor(
    readonly data: string,
    private readonly server: RunningServer,
    private readonly vault: Vault,
    private readonly welcome: Welcome,
  ) {
    super(server.url, welcome.key);
  }

  /** On a fresh data directory and a free port. */
  static async start(
    options: Partial<ServerOptions> = {},
    environment: Record<string, string> = {},
  ): Promise<Appliance> {
    const data = mkdtempSync(join(tmpdir(), "smallest-server-"));
    const { vault, greet } = await openVault(loadConfig({ data, workers: "2" }, environment));
    const media = { compressImage, compressVideo };
    const defaults = { vault, media, host: "127.0.0.1", port: 0, rateLimit: 0, failureLimit: 0 };
    const server = await startServer({ ...defaults, ...options });
    return new Appliance(data, server, vault, (await greet())!);
  }

  get setupToken(): string {
    return this.welcome.setupToken;
  }

  async keyWith(...scopes: Scope[]): Promise<string> {
    const made = await this.json("/api/keys", jsonRequest("POST", { name: scopes.join(), scopes }));
    return made.body.key;
  }

  /** The database beside the running server, for states that no call makes. */
  database(): Promise<Repository> {
    return openDatabase(join(this.data, "smallest.db"));
  }

  /** What lies in the spool directory. */
  spooled(): string[] {
    return readdirSync(join(this.data, "spool"));
  }

  stop(graceMs?: number): Promise<void> {
    return this.server.stop(graceMs);
  }

  async close(): Promise<void> {
    await this.server.stop(0);
    await this.vault.close(1_000);
    rmSync(this.data, { recursive: true, force: true });
  }
}

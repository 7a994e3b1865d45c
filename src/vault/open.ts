import { join } from "node:path";
import type { Config } from "../config";
import { openDatabase } from "../database/open";
import type { StoredFile } from "../database/repository";
import { errorBody, Refusal } from "../errors";
import { Engine } from "../graph/engine";
import { openStore } from "../storage/open";
import { demand } from "./access";
import { type Administration, openAdministration, type Welcome, welcome } from "./administration";
import type { Appliance } from "./appliance";
import { type AuditAction, auditEntry } from "./audit";
import { metricsPage, readiness } from "./health";
import { planUpload, requireCredit, upload } from "./ingest";
import { Jobs } from "./jobs";
import { lockDataDirectory } from "./lock";
import { Metrics } from "./metrics";
import { randomHex } from "./names";
import { contentBySha256, exportArchive, fileOf, listFiles, openDownload, removeFile } from "./retrieve";
import { Spool } from "./spool";
import { type OpenStore, StoreRoom } from "./store-room";
import { Sweeper } from "./sweeper";
import type { Actor, Vault } from "./vault";

/** The rooms that the vault stands on; tests put faulty ones in their place. */
export interface Foundations {
  openDatabase: typeof openDatabase;
  openStore: OpenStore;
}

/**
 * Opens the appliance on its data directory, which it holds alone until closed. `greet` makes what the first start
 * shows, so it is to be called once somebody can see it.
 */
export async function openVault(
  config: Config,
  foundations: Foundations = { openDatabase, openStore },
): Promise<{ vault: Vault; greet(): Promise<Welcome | null> }> {
  const administration = await openAdministration(config, foundations.openDatabase);
  const lock = lockDataDirectory(config.data);
  try {
    const appliance = await assemble(config, administration, foundations);
    if (administration.repository.dialect === "sqlite") await failInterruptedJobs(appliance);
    appliance.sweeper.wake();
    return { vault: new ApplianceVault(appliance, () => lock.release()), greet: () => welcome(administration) };
  } catch (error) {
    lock.release();
    await administration.repository.close();
    throw error;
  }
}

async function assemble(
  config: Config,
  { repository, access, secrets }: Administration,
  foundations: Foundations,
): Promise<Appliance> {
  const instance = randomHex(16);
  const metrics = new Metrics();
  const stores = await StoreRoom.open(config, repository, secrets, foundations.openStore);
  return {
    config,
    instance,
    repository,
    access,
    stores,
    metrics,
    engine: new Engine({ workers: config.workers || undefined }),
    spool: await Spool.open(join(config.data, "spool"), config.maxConcurrentUploads),
    jobs: new Jobs(repository),
    sweeper: new Sweeper(instance, repository, stores, metrics, config.sweepMinutes),
  };
}

async function failInterruptedJobs({ repository }: Appliance): Promise<void> {
  const interrupted = new Refusal(
    "shutting_down",
    "The server stopped before this upload was finished; send it again.",
  );
  await repository.failRunningJobs({ ...errorBody(interrupted) }, interrupted.status, new Date());
}

class ApplianceVault implements Vault {
  readonly #running = new Set<Promise<unknown>>();
  #closing = false;

  constructor(
    private readonly appliance: Appliance,
    private readonly release: () => void,
  ) {}

  async planUpload(...[actor, request]: Parameters<Vault["planUpload"]>) {
    this.#requireOpen();
    return planUpload(this.appliance, actor, request);
  }

  spool(...[body, limit, signal]: Parameters<Vault["spool"]>) {
    return this.#track(this.appliance.spool.receive(body, limit, signal));
  }

  upload(...[actor, plan, spooled, options]: Parameters<Vault["upload"]>) {
    const { jobs } = this.appliance;
    const work = (progress: (fraction: number) => void) => {
      const onProgress = (fraction: number) => {
        progress(fraction);
        options.onProgress?.(fraction);
      };
      return upload(this.appliance, actor, plan, spooled, { ...options, onProgress });
    };
    return this.#track(jobs.track(actor.spaceId, options.name, work));
  }

  async uploadLater(...[actor, plan, spooled, options, present]: Parameters<Vault["uploadLater"]>) {
    const { jobs } = this.appliance;
    const work = (onProgress: (fraction: number) => void): Promise<StoredFile> =>
      upload(this.appliance, actor, plan, spooled, { ...options, onProgress });
    try {
      const { job, finished } = await jobs.start(actor.spaceId, options.name, work, present);
      void this.#track(finished);
      return job;
    } catch (error) {
      await spooled.discard();
      throw error;
    }
  }

  async job(actor: Actor, id: string) {
    demand(actor, "write");
    return this.appliance.jobs.find(actor.spaceId, id);
  }

  events(actor: Actor, signal: AbortSignal) {
    demand(actor, "read");
    return this.appliance.jobs.events(actor.spaceId, signal);
  }

  files(...[actor, query]: Parameters<Vault["files"]>) {
    return listFiles(this.appliance, actor, query);
  }

  file(actor: Actor, id: string) {
    return fileOf(this.appliance, actor, id);
  }

  download(actor: Actor, id: string) {
    return openDownload(this.appliance, actor, id);
  }

  contentBySha256(...[actor, sha256, limit]: Parameters<Vault["contentBySha256"]>) {
    return contentBySha256(this.appliance, actor, sha256, limit);
  }

  archive(...[actor, id, signal]: Parameters<Vault["archive"]>) {
    return exportArchive(this.appliance, actor, id, signal);
  }

  remove(actor: Actor, id: string) {
    return removeFile(this.appliance, actor, id);
  }

  authenticate(presented: string | null, origin: string | null) {
    return this.appliance.access.authenticate(presented, origin);
  }

  async createKey(...[actor, wish]: Parameters<Vault["createKey"]>) {
    demand(actor, "admin");
    const made = await this.appliance.access.create(actor.spaceId, wish);
    await this.#note(actor, "key.create", made.row.id, { name: made.row.name, scopes: made.row.scopes });
    return made;
  }

  async keys(actor: Actor) {
    demand(actor, "admin");
    await this.#note(actor, "key.list");
    return this.appliance.repository.keys(actor.spaceId);
  }

  async revokeKey(actor: Actor, id: string) {
    demand(actor, "admin");
    const row = await this.appliance.access.revoke(actor.spaceId, id);
    await this.#note(actor, "key.revoke", id);
    return row;
  }

  async rotateKey(actor: Actor, id: string) {
    demand(actor, "admin");
    const made = await this.appliance.access.rotate(actor.spaceId, id);
    await this.#note(actor, "key.rotate", id, { successor: made.row.id });
    return made;
  }

  async redeemSetup(token: string, origin: string | null) {
    const made = await this.appliance.access.redeemSetup(token);
    const actor: Actor = { id: "setup", spaceId: made.row.spaceId, scopes: [], origin };
    await this.#note(actor, "key.create", made.row.id, { name: made.row.name, scopes: made.row.scopes });
    return made;
  }

  async space(actor: Actor) {
    demand(actor, "read");
    const { repository } = this.appliance;
    const space = await repository.space(actor.spaceId);
    if (!space) throw new Refusal("not_found", "The space of this key no longer exists.");
    const { usage } = await repository.files(actor.spaceId, { limit: 1, offset: 0 });
    return { ...space, usage };
  }

  async storage(actor: Actor) {
    demand(actor, "admin");
    return this.appliance.stores.settings;
  }

  async setStorage(...[actor, settings]: Parameters<Vault["setStorage"]>) {
    demand(actor, "admin");
    await this.appliance.stores.change(settings);
    await this.#note(actor, "storage.change", null, { kind: settings.kind });
    return this.appliance.stores.settings;
  }

  async testStorage(actor: Actor) {
    demand(actor, "admin");
    await (await this.appliance.stores.require()).check();
    await this.#note(actor, "storage.test");
  }

  async auditTrail(...[actor, query]: Parameters<Vault["auditTrail"]>) {
    demand(actor, "admin");
    const trail = await this.appliance.repository.auditTrail({ ...query, spaceId: actor.spaceId });
    await this.#note(actor, "audit.read");
    return trail;
  }

  async endMedia(...[actor, { kind, ...details }, error]: Parameters<Vault["endMedia"]>) {
    const { metrics, repository } = this.appliance;
    const paid = error !== undefined || (await repository.spendCredit(actor.spaceId));
    const refusal = paid ? error : new Refusal("no_credits", "This space has no credits left.");
    const outcome = refusal === undefined ? "ok" : errorBody(refusal).code;
    metrics.count("smallest_media_total", { kind, outcome });
    await repository.audit(auditEntry(actor, "media.compress", null, { outcome, details: { kind, ...details } }));
    if (!paid) throw refusal;
  }

  async requireCredit(actor: Actor) {
    demand(actor, "write");
    this.#requireOpen();
    await requireCredit(this.appliance, actor.spaceId);
  }

  readiness() {
    return readiness(this.appliance);
  }

  async metrics() {
    return metricsPage(this.appliance);
  }

  async close(graceMs = 30_000) {
    this.#closing = true;
    await Promise.race([Promise.allSettled(this.#running), Bun.sleep(graceMs)]);
    const { engine, sweeper, stores, repository } = this.appliance;
    await sweeper.close();
    await engine.close();
    await stores.close();
    await repository.close();
    this.release();
  }

  #requireOpen(): void {
    if (this.#closing) throw new Refusal("shutting_down", "The server is shutting down; try again shortly.");
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  async #note(actor: Actor, action: AuditAction, target: string | null = null, details?: Record<string, unknown>) {
    await this.appliance.repository.audit(auditEntry(actor, action, target, { details }));
  }
}

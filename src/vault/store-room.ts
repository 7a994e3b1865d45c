import { join } from "node:path";
import type { Config } from "../config";
import type { Repository } from "../database/repository";
import { Refusal } from "../errors";
import type { Source } from "../graph/source";
import type { ObjectStore } from "../storage/object-store";
import { openStore } from "../storage/open";
import type { StorageSettings } from "../storage/settings";
import type { SecretBox } from "./secrets";

const SETTING = "storage";
/** Objects up to this size are fetched at once: one request instead of several small ones. */
const WHOLE_BYTES = 256 << 10;

export type OpenStore = typeof openStore;

/** The store in use, and how it is chosen: by configuration, or by the settings that the database keeps. */
export class StoreRoom {
  #store: ObjectStore | null = null;
  #settings: StorageSettings = { kind: "none" };

  private constructor(
    private readonly config: Config,
    private readonly repository: Repository,
    private readonly secrets: SecretBox,
    private readonly openStore: OpenStore,
  ) {}

  static async open(
    config: Config,
    repository: Repository,
    secrets: SecretBox,
    open: OpenStore = openStore,
  ): Promise<StoreRoom> {
    const room = new StoreRoom(config, repository, secrets, open);
    room.#settings = configured(config) ?? (await room.#saved()) ?? localStorage(config);
    await room.require().catch(() => {});
    return room;
  }

  get settings(): StorageSettings {
    const { ...shown } = this.#settings;
    if (shown.kind === "s3") delete shown.secretAccessKey;
    return shown;
  }

  /**
   * The store, opened now if that failed before: storage may come back without a restart.
   * @throws Refusal `storage_not_configured`, `storage_unavailable`
   */
  async require(): Promise<ObjectStore> {
    if (this.#settings.kind === "none") throw notConfigured();
    this.#store ??= await this.openStore(this.#settings);
    return this.#store;
  }

  /** An object as a source, for the archive reader. @throws Refusal `damaged` when it is missing */
  async source(key: string, bytes: number): Promise<Source> {
    const store = await this.require();
    if (bytes > WHOLE_BYTES)
      return { size: bytes, read: (offset, length) => readClipped(store, key, bytes, offset, length) };
    const whole = await store.read(key, 0, bytes);
    return { size: bytes, read: async (offset, length) => whole.subarray(offset, offset + length) };
  }

  /**
   * Changes the storage once the new one has proved itself, and only if it holds everything stored so far.
   * @throws Refusal `conflict`, `storage_unavailable`
   */
  async change(wished: StorageSettings): Promise<void> {
    if (configured(this.config)) {
      throw new Refusal(
        "conflict",
        "The storage is set by the server's configuration and can only be changed there.",
      );
    }
    const settings = this.#withSecret(wished);
    const candidate = settings.kind === "none" ? null : await this.openStore(settings);
    try {
      await candidate?.check();
      await requireAllObjects(this.repository, candidate);
      await this.repository.setSetting(SETTING, this.secrets.seal(JSON.stringify(settings)));
    } catch (error) {
      await candidate?.close();
      throw error;
    }
    const old = this.#store;
    this.#store = candidate;
    this.#settings = settings;
    await old?.close();
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  /** The secret key is never shown, so a form sends it back only when it changes. */
  #withSecret(wished: StorageSettings): StorageSettings {
    if (wished.kind !== "s3" || wished.secretAccessKey || this.#settings.kind !== "s3") return wished;
    return wished.accessKeyId === this.#settings.accessKeyId
      ? { ...wished, secretAccessKey: this.#settings.secretAccessKey }
      : wished;
  }

  async #saved(): Promise<StorageSettings | null> {
    const sealed = await this.repository.setting(SETTING);
    return sealed ? (JSON.parse(this.secrets.unseal(sealed)) as StorageSettings) : null;
  }
}

function notConfigured(): Refusal {
  return new Refusal("storage_not_configured", "No storage is configured; choose one on the settings page.");
}

function configured(config: Config): StorageSettings | null {
  switch (config.storage) {
    case "settings":
      return null;
    case "none":
      return { kind: "none" };
    case "local":
      return localStorage(config);
    case "s3":
      return {
        kind: "s3",
        endpoint: config.s3Endpoint || null,
        region: config.s3Region,
        bucket: config.s3Bucket,
        prefix: config.s3Prefix,
        pathStyle: config.s3PathStyle,
        accessKeyId: config.s3AccessKeyId,
        secretAccessKey: config.s3SecretAccessKey,
      };
  }
}

function localStorage(config: Config): StorageSettings {
  return { kind: "local", directory: config.storageDirectory || join(config.data, "objects") };
}

async function readClipped(store: ObjectStore, key: string, size: number, offset: number, length: number) {
  const clipped = Math.max(0, Math.min(length, size - offset));
  return clipped === 0 ? new Uint8Array(0) : store.read(key, offset, clipped);
}

async function requireAllObjects(repository: Repository, candidate: ObjectStore | null): Promise<void> {
  const page = 64;
  let after: string | null = null;
  for (;;) {
    const objects = await repository.liveObjects(after, page);
    const sizes = await Promise.all(objects.map(({ key }) => candidate?.size(key) ?? null));
    const missing = objects.find(({ bytes }, i) => sizes[i] !== bytes);
    if (missing) {
      throw new Refusal(
        "conflict",
        `The new storage does not hold what is stored so far (${missing.key} is missing); copy the objects there first.`,
      );
    }
    if (objects.length < page) return;
    after = objects.at(-1)!.key;
  }
}

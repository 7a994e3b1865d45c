import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config";
import { openDatabase } from "../database/open";
import type { ApiKey, Repository } from "../database/repository";
import { Access, ALL_SCOPES } from "./access";
import { SecretBox } from "./secrets";

/** The space that exists from the first start on. */
export const DEFAULT_SPACE = "default";

/** What can be done beside a running server: the database and the keys, without storage and workers. */
export interface Administration {
  readonly repository: Repository;
  readonly access: Access;
  readonly secrets: SecretBox;
}

export async function openAdministration(config: Config, open = openDatabase): Promise<Administration> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const secrets = SecretBox.open(config.data);
  const repository = await open(config.database || join(config.data, "smallest.db"));
  const access = new Access(repository);
  if (!(await repository.space(DEFAULT_SPACE))) {
    const createdAt = new Date();
    await repository.createSpace({
      id: DEFAULT_SPACE,
      name: "Default",
      credits: null,
      quotaBytes: null,
      createdAt,
    });
  }
  return { repository, access, secrets };
}

/** Shown once, on the first start: there is no default password. */
export interface Welcome {
  key: string;
  row: ApiKey;
  setupToken: string;
}

/** Makes the first administrator's key and setup link; null when there are keys already. */
export async function welcome({ repository, access }: Administration): Promise<Welcome | null> {
  if ((await repository.keys(DEFAULT_SPACE)).length > 0) return null;
  const made = await access.create(DEFAULT_SPACE, { name: "administrator", scopes: ALL_SCOPES });
  return { ...made, setupToken: await access.offerSetup(DEFAULT_SPACE) };
}
